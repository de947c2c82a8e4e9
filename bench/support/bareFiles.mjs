import { closeSync, mkdirSync, openSync, write as writeAt, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** @import { BareFile } from './bareTorrent.mjs' */

/**
 * Files as one stream of bytes, each open from its first byte to its last.
 *
 * @param {string} folder
 * @param {ReadonlyArray<BareFile>} listed
 */
export const createBareFiles = (folder, listed) => {
  let end = 0
  const files = listed.map(({ path, length }) => {
    const start = end
    end += length
    return { path: join(folder, path), start, end, missing: length, file: -1 }
  })
  for (const parent of new Set(files.map(({ path }) => dirname(path)))) mkdirSync(parent, { recursive: true })

  /** The number of the file that a byte is in. @param {number} at */
  const fileAt = (at) => {
    let low = 0
    let high = files.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((files[middle]?.end ?? 0) > at) high = middle
      else low = middle + 1
    }
    return low
  }

  /** @param {{ file: number, missing: number }} file @param {number} count */
  const count = (file, count) => {
    file.missing -= count
    if (file.missing === 0) closeSync(file.file)
  }

  return {
    /**
     * @param {number} at
     * @param {Uint8Array} data
     * @param {() => void} done
     */
    write: (at, data, done) => {
      for (let number = fileAt(at), taken = 0; taken < data.length; number++) {
        const file = files[number]
        if (file === undefined) throw new Error('beyond the last file')
        const length = Math.min(data.length - taken, file.end - at - taken)
        if (length === 0) continue
        if (file.file < 0) file.file = openSync(file.path, 'w')
        const position = at + taken - file.start
        if (length === data.length) {
          writeAt(file.file, data, 0, length, position, (error) => {
            if (error !== null) throw error
            count(file, length)
            done()
          })
          return
        }
        // Small ones cost less on the spot than on a thread.
        writeSync(file.file, data, taken, length, position)
        count(file, length)
        taken += length
      }
      done()
    },
  }
}
