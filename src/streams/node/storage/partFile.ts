import { fstat } from 'node:fs'
import { defer, map, of, tap } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import { fileSpans, piecesOfFile } from '../../../operators/piece/fileMap.js'
import { BLOCK_LENGTH } from '../../../operators/piece/geometry.js'
import { orElse } from '../../disk/andThen.js'
import type { StorageFile, StorageLayout } from '../../deps.js'
import { succeed, systemCode } from '../fsCall.js'
import type { SystemResult } from '../fsCall.js'
import type { TorrentFiles } from '../torrentFiles.js'
import { readFully, writeFully } from '../transfer.js'
import { regularAt } from './fileCalls.js'
import { hasBytes, partPath } from './tree.js'
import type { Tree } from './tree.js'

/**
 * What there is of files that are not wanted, in one sparse file. Every byte is at its place in the stream; behind the
 * stream is a map of the blocks that have come here, written with each flush.
 */
export interface PartFile {
  /** Blocks, or what of them is a file's, came here. */
  readonly mark: (offset: number, length: number) => void
  /** Whether all blocks of the interval have come here. */
  readonly has: (offset: number, length: number) => boolean
  /** The runs of a file's bytes that came here, by where they are in the stream. */
  readonly runs: (file: StorageFile) => ReadonlyArray<{ readonly begin: number; readonly end: number }>
  /**
   * Learns what is here. Where no map was written, because we did not get so far, the pieces that files share may be
   * here: others are not worth the search.
   */
  readonly load: () => Observable<SystemResult<void>>
  /** Writes the map, unless that was done since a block came: a file that is not touched keeps its time. */
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

/**
 * Whether there is one, and neither it nor its folder is anything else. Answers once. Not on the spot: while others make
 * files in the folder, a look for one that is not there waits for the device with them (0.7 s, seen).
 */
export const partFileExists = ({ folders, part }: Tree): Observable<boolean> =>
  regularAt(folders, part.path).pipe(map((found) => E.isRight(found) && found.right !== undefined))

export const createPartFile = (
  { pieceLength, length, files }: StorageLayout,
  handles: TorrentFiles,
): PartFile => {
  const index = files.length
  const perPiece = Math.ceil(pieceLength / BLOCK_LENGTH)
  const mapBytes = Math.ceil((Math.ceil(length / pieceLength) * perPiece) / 8)
  /** Most torrents never need one. */
  let blocks: Uint8Array | undefined
  let isSaved = false
  const mapOf = (): Uint8Array => (blocks ??= new Uint8Array(mapBytes))
  const isHere = (block: number): boolean =>
    blocks !== undefined && (blocks[block >> 3]! & (0x80 >> (block & 7))) !== 0
  const put = (first: number, last: number): void => {
    const taken = mapOf()
    for (let block = first; block <= last; block += 1) taken[block >> 3]! |= 0x80 >> (block & 7)
  }
  const blockOf = (offset: number): number => {
    const piece = Math.floor(offset / pieceLength)
    return piece * perPiece + Math.floor((offset - piece * pieceLength) / BLOCK_LENGTH)
  }
  /** Where a block begins; blocks do not go over the end of their piece. */
  const beginOf = (block: number): number => {
    const piece = Math.floor(block / perPiece)
    return piece * pieceLength + (block - piece * perPiece) * BLOCK_LENGTH
  }

  return {
    mark: (offset, count) => {
      isSaved = false
      put(blockOf(offset), blockOf(offset + count - 1))
    },
    has: (offset, count) => {
      const last = blockOf(offset + count - 1)
      for (let block = blockOf(offset); block <= last; block += 1) if (!isHere(block)) return false
      return true
    },
    runs: (file) => {
      const runs: Array<{ readonly begin: number; end: number }> = []
      if (blocks === undefined || file.length === 0) return runs
      const fileEnd = file.offset + file.length
      const last = blockOf(fileEnd - 1)
      for (let block = blockOf(file.offset); block <= last; block += 1) {
        if (blocks[block >> 3] === 0) {
          block |= 7
          continue
        }
        if (!isHere(block)) continue
        const begin = Math.max(file.offset, beginOf(block))
        const end = Math.min(fileEnd, beginOf(block + 1))
        const before = runs.at(-1)
        if (before?.end === begin) before.end = end
        else runs.push({ begin, end })
      }
      return runs
    },
    load: () =>
      handles
        .use<boolean>(index, 'read', (fd, answer) => {
          fstat(fd, (error, stats) => {
            if (error !== null) answer(E.left(systemCode(error)))
            else if (stats.size !== length + mapBytes) answer(E.right(false))
            else {
              readFully(fd, [mapOf()], length, (result) => {
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
                  if (spans.length > 1) put(piece * perPiece, (piece + 1) * perPiece - 1)
                }
              }
            }),
          ),
        ),
    save: () =>
      defer(() => {
        if (isSaved) return succeed()
        // What comes meanwhile is for the next time.
        isSaved = true
        return handles
          .use<void>(index, 'write', (fd, answer) => {
            writeFully(fd, [mapOf()], length, answer)
          })
          .pipe(
            tap((result) => {
              if (E.isLeft(result)) isSaved = false
            }),
          )
      }),
    clear: () => {
      blocks = undefined
      isSaved = false
    },
  }
}
