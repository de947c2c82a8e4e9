import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { fromHex, fromLatin1, toHex } from './bytes.js'
import type { DecodeError } from './errors.js'
import { invalidField } from './errors.js'
import { decodeHeaderLines, headerValues } from './headerLines.js'
import { MAX_LSD_BYTES, MAX_LSD_SENT_BYTES } from './limits.js'

/** What a peer tells its network (BEP 14): that it can be reached at this TCP port, for these torrents. */
export interface LsdAnnounce {
  readonly port: number
  /** 20 bytes each. */
  readonly infohashes: ReadonlyArray<Uint8Array>
  /** By which a peer knows its own announces; any text. */
  readonly cookie: string | undefined
}

/** Where announces go to, and where they are heard. */
export const LSD_PORT = 6_771
export const LSD_GROUPS = { 4: '239.192.152.143', 6: 'ff15::efc0:988f' } as const

/**
 * Reads a datagram of local discovery. Any version of HTTP 1; headers in any order and case, unknown ones are passed over.
 * There is one port, not zero, and at least one infohash; a bad one makes the whole datagram bad.
 *
 * @example
 * ```ts
 * decodeLsd(new TextEncoder().encode('hello')) // Left: expected BT-SEARCH
 * ```
 */
export const decodeLsd = (bytes: Uint8Array): Either<DecodeError, LsdAnnounce> => {
  const lines = decodeHeaderLines(bytes, MAX_LSD_BYTES)
  if (E.isLeft(lines)) return lines
  if (!START_LINE.test(lines.right.startLine)) return E.left(invalidField('', 'BT-SEARCH'))
  const [port = '', ...otherPorts] = headerValues(lines.right, 'port')
  if (!PORT.test(port) || Number(port) > 0xffff || otherPorts.length > 0) {
    return E.left(invalidField('Port', 'one port'))
  }
  const infohashes: Uint8Array[] = []
  for (const value of headerValues(lines.right, 'infohash')) {
    const infohash = value.length === 40 ? fromHex(value) : undefined
    if (infohash === undefined) return E.left(invalidField('Infohash', '40 hexadecimal digits'))
    infohashes.push(infohash)
  }
  if (infohashes.length === 0) return E.left(invalidField('Infohash', 'an infohash'))
  const [cookie, ...otherCookies] = headerValues(lines.right, 'cookie')
  if (otherCookies.length > 0) return E.left(invalidField('cookie', 'one cookie'))
  return E.right({ port: Number(port), infohashes, cookie })
}

const START_LINE = /^BT-SEARCH \* HTTP\/1\.\d$/
const PORT = /^[1-9]\d{0,4}$/

/** A datagram for that group. Names are written as in BEP 14: some clients do not know them in other letters. */
export const encodeLsd = ({ port, infohashes, cookie }: LsdAnnounce, family: 4 | 6): Uint8Array =>
  fromLatin1(
    [
      'BT-SEARCH * HTTP/1.1',
      `Host: ${family === 4 ? LSD_GROUPS[4] : `[${LSD_GROUPS[6]}]`}:${String(LSD_PORT)}`,
      `Port: ${String(port)}`,
      ...infohashes.map((infohash) => `Infohash: ${toHex(infohash)}`),
      ...(cookie === undefined ? [] : [`cookie: ${cookie}`]),
      '',
      '',
      '',
    ].join('\r\n'),
  )

/** How many infohashes a datagram has room for, beside a cookie of at most 16 characters. */
export const LSD_INFOHASHES_PER_DATAGRAM = Math.floor((MAX_LSD_SENT_BYTES - 140) / 52)
