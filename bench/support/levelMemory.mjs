import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { MiB } from './payload.mjs'

const zeros = Buffer.alloc(MiB)
/** For a payload: twice as much, since some is given back meanwhile, and room for the processes. */
const enoughFor = (/** @type {number} */ size) => 2 * size + 512 * MiB
/** More would have to be written to the device first. */
const most = 4096 * MiB

/**
 * Writes a file and removes it, so that whoever comes next finds as much memory that was in use a moment ago as its
 * files will take. A virtual machine may give free memory back to its host, and then the first touch of a page takes
 * many times what a write does: that hits those who follow a client of many small pages, which are joined and given back
 * when it ends, and spares those who follow one that wrote as they do.
 *
 * @param {string} folder
 * @param {number} size bytes of the payload
 */
export const levelMemory = (folder, size) => {
  const path = join(folder, 'level.bin')
  const file = openSync(path, 'w')
  for (let left = Math.min(most, enoughFor(size)); left > 0; left -= MiB) writeSync(file, zeros)
  closeSync(file)
  rmSync(path)
}
