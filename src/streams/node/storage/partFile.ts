import { fstat, lstatSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { map, of } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import { fileSpans, piecesOfFile } from '../../../operators/piece/fileMap.js'
import { orElse } from '../../disk/andThen.js'
import type { StorageFile, StorageLayout } from '../../deps.js'
import { systemCode } from '../fsCall.js'
import type { SystemResult } from '../fsCall.js'
import type { TorrentFiles } from '../torrentFiles.js'
import { readFully, writeFully } from '../transfer.js'
import { hasBytes, partPath } from './tree.js'
import type { Tree } from './tree.js'

/**
 * What there is of files that are not wanted, in one sparse file. Every byte is at its place in the stream; behind the
 * stream is a map of the pieces that have a byte here, written with each flush.
 */
export interface PartFile {
  /** A part of a piece came here. */
  readonly mark: (offset: number, length: number) => void
  /** Whether all pieces of the interval have come here. */
  readonly has: (offset: number, length: number) => boolean
  /** The runs of a file's bytes that are here, by where they are in the stream. */
  readonly runs: (file: StorageFile) => ReadonlyArray<{ readonly begin: number; readonly end: number }>
  /**
   * Learns what is here. Where no map was written, because we did not get so far, the pieces that files share may be
   * here: others are not worth the search.
   */
  readonly load: () => Observable<SystemResult<void>>
  readonly save: () => Observable<SystemResult<void>>
  readonly clear: () => void
}

/** The part file as a file of the torrent: as long as the stream. */
export const partEntry = ({ id, length }: StorageLayout): StorageFile => ({
  path: partPath(id),
  length,
  offset: 0,
  isPad: false,
  isExecutable: false,
  symlink: undefined,
})

/** Whether there is one, and neither it nor its folder is anything else. Blocks: for what happens once per torrent. */
export const partFileExists = ({ root, part }: Tree): boolean => {
  const path = join(root, ...part.path)
  try {
    return lstatSync(dirname(path)).isDirectory() && lstatSync(path).isFile()
  } catch {
    return false
  }
}

export const createPartFile = (
  { pieceLength, length, files }: StorageLayout,
  handles: TorrentFiles,
): PartFile => {
  const index = files.length
  const pieces = new Uint8Array(Math.ceil(Math.ceil(length / pieceLength) / 8))
  const isHere = (piece: number): boolean => (pieces[piece >> 3]! & (0x80 >> (piece & 7))) !== 0
  const put = (first: number, last: number): void => {
    for (let piece = first; piece <= last; piece += 1) pieces[piece >> 3]! |= 0x80 >> (piece & 7)
  }
  const firstOf = (offset: number): number => Math.floor(offset / pieceLength)

  return {
    mark: (offset, count) => {
      put(firstOf(offset), firstOf(offset + count - 1))
    },
    has: (offset, count) => {
      const last = firstOf(offset + count - 1)
      for (let piece = firstOf(offset); piece <= last; piece += 1) if (!isHere(piece)) return false
      return true
    },
    runs: (file) => {
      const runs: Array<{ readonly begin: number; readonly end: number }> = []
      const own = piecesOfFile(file, pieceLength)
      if (own === undefined) return runs
      for (let piece = own.first; piece <= own.last; piece += 1) {
        if (!isHere(piece)) continue
        const begin = Math.max(file.offset, piece * pieceLength)
        const end = Math.min(file.offset + file.length, (piece + 1) * pieceLength)
        runs.push({ begin, end })
      }
      return runs
    },
    load: () =>
      handles
        .use<boolean>(index, 'read', (fd, answer) => {
          fstat(fd, (error, stats) => {
            if (error !== null) answer(E.left(systemCode(error)))
            else if (stats.size !== length + pieces.length) answer(E.right(false))
            else {
              readFully(fd, pieces, length, (result) => {
                answer(E.map(() => true)(result))
              })
            }
          })
        })
        .pipe(
          orElse<string, boolean>((code) => of(code === 'ENOENT' ? E.right(false) : E.left(code))),
          map(
            E.map((isKnown) => {
              if (isKnown) return
              for (const file of files) {
                const own = piecesOfFile(file, pieceLength)
                if (own === undefined || !hasBytes(file)) continue
                for (const piece of [own.first, own.last]) {
                  const spans = fileSpans(files, piece * pieceLength, pieceLength)
                  if (spans.length > 1) put(piece, piece)
                }
              }
            }),
          ),
        ),
    save: () =>
      handles.use<void>(index, 'write', (fd, answer) => {
        writeFully(fd, pieces, length, answer)
      }),
    clear: () => {
      pieces.fill(0)
    },
  }
}
