import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { pipe } from '#fp/function'
import { decodeMetainfo, showDecodeError, type Metainfo } from '../index.js'
import { exitCode } from './exitCode.js'
import { plainText } from './format/plainText.js'
import { end, type End } from './output.js'

/** More than any torrent has. */
export const MAX_TORRENT_BYTES = 10_000_000
const MAX_TEXT = '10 MB'

/** What a .torrent file says; `bytes` is undefined where it has more than `MAX_TORRENT_BYTES`. */
export const decodedTorrent = (path: string, bytes: Uint8Array | undefined): Either<End, Metainfo> => {
  const bad = (why: string): End => end(exitCode.badTorrent, `${plainText(path)} ${why}`)
  if (bytes === undefined) return E.left(bad(`is larger than a torrent may be (${MAX_TEXT})`))
  return pipe(
    decodeMetainfo(bytes),
    E.mapLeft((error) => bad(looksLike(bytes) ?? `is not a usable torrent: ${showDecodeError(error)}`)),
  )
}

/** What else is often called `.torrent`. */
const looksLike = (bytes: Uint8Array): string | undefined => {
  if (bytes.length === 0) return 'is empty'
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'is compressed: gunzip it first'
  const isPage = /^(\ufeff)?\s*</.test(new TextDecoder().decode(bytes.subarray(0, 256)))
  return isPage ? 'looks like a web page, not a torrent' : undefined
}
