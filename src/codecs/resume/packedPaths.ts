import * as t from 'io-ts'
import { fromUtf8, toUtf8 } from '../bytes.js'
import { MAX_DIRECTORY_DEPTH } from '../limits.js'
import type { RenamedFile } from '../renameFiles.js'

const NUMBER = /^(?:0|[1-9][0-9]{0,9})$/

/** One line a file, `3/folder/name`, in ascending order: neither can be part of a safe name. */
const unpack = (bytes: Uint8Array): ReadonlyArray<RenamedFile> | undefined => {
  const lines = fromUtf8(bytes).split('\n')
  // Behind the last one's end.
  if (lines.length < 2 || lines.pop() !== '') return undefined
  const renamed: RenamedFile[] = []
  let last = -1
  for (const line of lines) {
    const [number = '', ...path] = line.split('/', MAX_DIRECTORY_DEPTH + 2)
    const file = NUMBER.test(number) ? Number(number) : -1
    if (file <= last || path.length === 0 || path.length > MAX_DIRECTORY_DEPTH) return undefined
    last = file
    renamed.push({ file, path })
  }
  return renamed
}

const pack = (renamed: ReadonlyArray<RenamedFile>): Uint8Array =>
  toUtf8(renamed.map(({ file, path }) => `${String(file)}/${path.join('/')}\n`).join(''))

/**
 * Paths of files in one byte string: a torrent may have hundreds of thousands. Whether a torrent could have them is
 * `fitTorrent`'s matter.
 */
export const PackedPaths: t.Type<ReadonlyArray<RenamedFile>, Uint8Array> = new t.Type(
  'paths of renamed files',
  (u): u is ReadonlyArray<RenamedFile> => Array.isArray(u),
  (u, context) => {
    const renamed = u instanceof Uint8Array ? unpack(u) : undefined
    return renamed === undefined ? t.failure(u, context) : t.success(renamed)
  },
  pack,
)
