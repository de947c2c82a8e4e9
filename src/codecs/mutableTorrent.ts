import * as E from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { decodeBencode } from './bencode/decodeBencode.js'
import { isBencodeDict } from './bencode/value.js'
import { bytesField } from './bencodeFields.js'
import { concatBytes, fromHex, fromLatin1, toHex } from './bytes.js'
import { ED25519_KEY_BYTES } from './ed25519.js'
import { MAX_DHT_SALT_BYTES, MAX_DHT_VALUE_BYTES, MAX_KRPC_DEPTH, MAX_URL_LENGTH } from './limits.js'

/**
 * A torrent that its publisher can replace (BEP 46): a mutable item of the DHT that holds an infohash, found by
 * `mutableTarget`.
 */
export interface MutableTorrent {
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array
  /** Tells the torrents of one key apart; empty where there is one. */
  readonly salt: Uint8Array
}

/**
 * The `xs=urn:btpk:…` and `s=…` of a magnet link; `None` where it has none, or not in this form.
 *
 * @example
 * ```ts
 * parseMutableMagnet(`magnet:?xs=urn:btpk:${'ab'.repeat(32)}&s=6e`)
 * ```
 */
export const parseMutableMagnet = (uri: string): Option<MutableTorrent> => {
  if (uri.length > MAX_URL_LENGTH || !/^magnet:\?/i.test(uri)) return O.none
  const parameters = [...new URLSearchParams(uri.slice('magnet:?'.length))]
  const valuesOf = (wanted: string): ReadonlyArray<string> =>
    parameters.flatMap(([name, value]) => (name.toLowerCase() === wanted ? [value] : []))
  const publicKey = valuesOf('xs').flatMap(keyOf)[0]
  const salt = fromHex(valuesOf('s')[0] ?? '')
  if (publicKey === undefined || salt === undefined || salt.length > MAX_DHT_SALT_BYTES) return O.none
  return O.some({ publicKey, salt })
}

const keyOf = (source: string): ReadonlyArray<Uint8Array> => {
  const key = /^urn:btpk:/i.test(source) ? fromHex(source.slice('urn:btpk:'.length)) : undefined
  return key?.length === ED25519_KEY_BYTES ? [key] : []
}

/** The magnet link of a mutable torrent. */
export const mutableMagnet = ({ publicKey, salt }: MutableTorrent): string =>
  `magnet:?xs=urn:btpk:${toHex(publicKey)}${salt.length === 0 ? '' : `&s=${toHex(salt)}`}`

/** The value of the item, bencoded: `{ih: <infohash>}`. */
export const encodeTorrentValue = (infohash: Uint8Array): Uint8Array =>
  concatBytes([fromLatin1('d2:ih20:'), infohash, fromLatin1('e')])

/** The infohash in an item's value, 20 bytes. */
export const decodeTorrentValue = (value: Uint8Array): Option<Uint8Array> => {
  const decoded = decodeBencode(value, { maxBytes: MAX_DHT_VALUE_BYTES, maxDepth: MAX_KRPC_DEPTH })
  if (E.isLeft(decoded) || !isBencodeDict(decoded.right.value)) return O.none
  const infohash = bytesField(decoded.right.value, 'ih')
  return infohash?.length === 20 ? O.some(infohash) : O.none
}
