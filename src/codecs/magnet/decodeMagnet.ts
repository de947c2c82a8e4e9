import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { fromUtf8, toUtf8 } from '../bytes.js'
import type { DecodeError } from '../errors.js'
import { invalidField, limitExceeded } from '../errors.js'
import {
  MAX_MAGNET_LENGTH,
  MAX_MAGNET_PEERS,
  MAX_TRACKERS,
  MAX_URL_LENGTH,
  MAX_WEB_SEEDS,
} from '../limits.js'
import { isTracker, webSeed } from '../metainfo/sources.js'
import { readBtih, readBtmh } from './magnetHash.js'
import type { Magnet } from './magnetModel.js'
import { readMagnetPeer } from './magnetPeer.js'
import { readSelectOnly } from './selectOnly.js'

/**
 * Reads a magnet link: BEP 9, with `so` (BEP 53), v1 and v2 hashes. A link without a hash, or with one that is broken, is
 * refused; any other parameter that makes no sense is left out. Of several hashes of one kind the last counts.
 *
 * @example
 * ```ts
 * const magnet = decodeMagnet('magnet:?xt=urn:btih:cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd&dn=hello')
 * if (E.isLeft(magnet)) console.error(showDecodeError(magnet.left))
 * ```
 */
export const decodeMagnet = (text: string): Either<DecodeError, Magnet> => {
  if (text.length > MAX_MAGNET_LENGTH) {
    return E.left(limitExceeded('length', MAX_MAGNET_LENGTH, text.length, ''))
  }
  if (!SCHEME.test(text)) return E.left(invalidField('', 'a magnet link'))
  const all = parameters(text.slice(text.indexOf('?') + 1))
  const valuesOf = (key: string): ReadonlyArray<string> =>
    all.flatMap(([name, value]) => (name === key ? [value] : []))
  const topics = valuesOf('xt')
  const v1 = hashOf(topics, 'urn:btih:', readBtih, '40 hexadecimal digits, or 32 of base32')
  if (E.isLeft(v1)) return v1
  const v2 = hashOf(topics, 'urn:btmh:', readBtmh, '1220 and 64 hexadecimal digits')
  if (E.isLeft(v2)) return v2
  if (O.isNone(v1.right) && O.isNone(v2.right)) {
    return E.left(invalidField('xt', 'an infohash (urn:btih: or urn:btmh:)'))
  }
  return E.right({
    infohash: { v1: v1.right, v2: v2.right },
    name: O.fromNullable(valuesOf('dn').find((name) => name !== '')),
    trackers: unique(valuesOf('tr').filter(isShort).filter(isTracker)).slice(0, MAX_TRACKERS),
    webSeeds: unique(
      valuesOf('ws')
        .filter(isShort)
        .flatMap((url) => webSeed(url, false)),
    ).slice(0, MAX_WEB_SEEDS),
    peers: valuesOf('x.pe').flatMap(readMagnetPeer).slice(0, MAX_MAGNET_PEERS),
    select: readSelectOnly(valuesOf('so')),
  })
}

const SCHEME = /^magnet:\?/i

/** `tr.1` is one of several `tr`; keys are of any case. */
const NUMBERED = /\.\d{1,9}$/

const parameters = (query: string): ReadonlyArray<readonly [name: string, value: string]> =>
  query.split('&').map((parameter) => {
    const at = parameter.indexOf('=')
    const name = (at < 0 ? parameter : parameter.slice(0, at)).toLowerCase().replace(NUMBERED, '')
    const value = at < 0 ? '' : parameter.slice(at + 1)
    // Only a name was ever written as a form: a plus elsewhere is one.
    return [name, decodePercent(name === 'dn' ? value.replaceAll('+', ' ') : value)]
  })

/** Never throws: a `%` that stands for nothing stays, and what is not UTF-8 becomes U+FFFD. */
const decodePercent = (text: string): string => {
  if (!text.includes('%')) return text
  const bytes = toUtf8(text)
  let length = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] === PERCENT ? hexByte(bytes[at + 1], bytes[at + 2]) : undefined
    if (byte !== undefined) at += 2
    bytes[length++] = byte ?? bytes[at]!
  }
  return fromUtf8(bytes.subarray(0, length))
}

const PERCENT = 0x25

const hexByte = (high: number | undefined, low: number | undefined): number | undefined => {
  const digits = [high, low].map((code) => HEX_DIGITS.indexOf(String.fromCharCode(code ?? 0).toLowerCase()))
  return digits.includes(-1) ? undefined : 16 * digits[0]! + digits[1]!
}

const HEX_DIGITS = '0123456789abcdef'

/** The last hash of a kind; none where there is no such topic, a failure where one is broken. */
const hashOf = (
  topics: ReadonlyArray<string>,
  prefix: string,
  read: (text: string) => Uint8Array | undefined,
  expected: string,
): Either<DecodeError, Option<Uint8Array>> => {
  let hash: Uint8Array | undefined
  for (const topic of topics) {
    if (topic.slice(0, prefix.length).toLowerCase() !== prefix) continue
    hash = read(topic.slice(prefix.length))
    if (hash === undefined) return E.left(invalidField('xt', expected))
  }
  return E.right(O.fromNullable(hash))
}

const isShort = (url: string): boolean => url.length <= MAX_URL_LENGTH

const unique = (urls: ReadonlyArray<string>): ReadonlyArray<string> => [...new Set(urls)]
