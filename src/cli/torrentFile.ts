import { open } from 'node:fs/promises'
import { defer, from, map, of, switchMap, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { hasPieceHashes, type Metainfo } from '../index.js'
import { decodedTorrent, MAX_TORRENT_BYTES } from './decodedTorrent.js'
import { exitCode } from './exitCode.js'
import { plainText } from './format/plainText.js'
import { end, type End, type Output } from './output.js'
import { systemText } from './storageText.js'

const CHUNK_BYTES = 65_536

/** Reads and decodes a .torrent file. Emits once; `all` where each piece must have its hash. */
export const torrentFile = (path: string, hashes: 'all' | 'any'): Observable<Either<End, Metainfo>> =>
  defer(() => from(readTorrent(path))).pipe(
    map(
      E.filterOrElse(
        (metainfo) => hashes === 'any' || hasPieceHashes(metainfo),
        () => end(exitCode.badTorrent, noLayersText(plainText(path))),
      ),
    ),
  )

export const noLayersText = (what: string): string => `${what} is a v2-only torrent without its piece layers`

const readTorrent = async (path: string): Promise<Either<End, Metainfo>> => {
  try {
    return decodedTorrent(path, await readBounded(path))
  } catch (error) {
    return E.left(end(exitCode.disk, systemText('read', path, error)))
  }
}

/** All of a file, or of a pipe; undefined where it is larger than any torrent. A stream would take longer to make. */
const readBounded = async (path: string): Promise<Uint8Array | undefined> => {
  const file = await open(path)
  try {
    const chunks: Uint8Array[] = []
    let size = 0
    while (size <= MAX_TORRENT_BYTES) {
      const { bytesRead, buffer } = await file.read({ buffer: Buffer.allocUnsafe(CHUNK_BYTES) })
      if (bytesRead === 0) return Buffer.concat(chunks)
      chunks.push(buffer.subarray(0, bytesRead))
      size += bytesRead
    }
    return undefined
  } finally {
    await file.close()
  }
}

/** What to do with a torrent once it is read; a file that cannot be used ends the command. */
export const withTorrent = (
  path: string,
  hashes: 'all' | 'any',
  use: (metainfo: Metainfo) => Observable<Output>,
): Observable<Output> =>
  torrentFile(path, hashes).pipe(
    switchMap((torrent) => (E.isLeft(torrent) ? of(torrent.left) : use(torrent.right))),
  )
