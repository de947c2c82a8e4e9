import { createReadStream } from 'node:fs'
import { defer, from, of, switchMap, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import { decodeMetainfo, showDecodeError, type DecodeError, type Metainfo } from '../index.js'
import { exitCode } from './exitCode.js'
import { plainText } from './format/plainText.js'
import { formatBytes } from './format/bytes.js'
import { end, type End, type Output } from './output.js'
import { systemText } from './storageText.js'

const MAX_BYTES = 64 * 1024 * 1024

/** Reads and decodes a .torrent file. Emits once; a `Left` is the end of the command. */
const torrentFile = (path: string): Observable<Either<End, Metainfo>> => defer(() => from(readTorrent(path)))

const readTorrent = async (path: string): Promise<Either<End, Metainfo>> => {
  let bytes: Uint8Array | undefined
  try {
    bytes = await readBounded(path)
  } catch (error) {
    return E.left(end(exitCode.disk, systemText('read', path, error)))
  }
  const bad = (why: string): End =>
    end(exitCode.badTorrent, `${plainText(path)} is not a usable torrent: ${why}`)
  if (bytes === undefined) return E.left(bad(`larger than ${formatBytes(MAX_BYTES)}`))
  return E.mapLeft((error: DecodeError) => bad(showDecodeError(error)))(decodeMetainfo(bytes))
}

/** All of a file, or of a pipe; undefined where it is larger than any torrent. */
const readBounded = async (path: string): Promise<Uint8Array | undefined> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of createReadStream(path, { end: MAX_BYTES }) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk)
    size += chunk.length
  }
  return size > MAX_BYTES ? undefined : Buffer.concat(chunks)
}

/**
 * What to do with a torrent once it is read; a file that cannot be used ends the command. `v1` for what works with v1
 * hashes alone.
 */
export const withTorrent = (
  path: string,
  hashes: 'v1' | 'any',
  use: (metainfo: Metainfo) => Observable<Output>,
): Observable<Output> =>
  torrentFile(path).pipe(
    switchMap((torrent) => {
      if (E.isLeft(torrent)) return of(torrent.left)
      const lacksV1 = O.isNone(torrent.right.infohash.v1)
      return hashes === 'v1' && lacksV1 ? of(end(exitCode.badTorrent, v2Only(path))) : use(torrent.right)
    }),
  )

const v2Only = (path: string): string => `${plainText(path)} is a v2-only torrent, which is not supported yet`
