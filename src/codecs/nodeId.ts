import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { NODE_ID_BYTES } from './compactNodes.js'
import { crc32c } from './crc32c.js'
import { ipScope, parseIp } from './ipAddress.js'

/**
 * BEP 42: the id of a node at this address. Its first 21 bits follow from the address and three bits of chance, so that
 * nobody can choose where in the DHT he is; the rest is `random`, 20 bytes, the last of which holds the three bits.
 *
 * `None` for a host name.
 *
 * @example
 * ```ts
 * nodeIdFor('124.31.75.21', random) // 5fbfb8…01 where the last byte of `random` is 1
 * ```
 */
export const nodeIdFor = (host: string, random: Uint8Array): Option<Uint8Array> =>
  O.map((ip: Uint8Array) => {
    const id = new Uint8Array(NODE_ID_BYTES)
    id.set(random.subarray(0, NODE_ID_BYTES))
    const prefix = prefixOf(ip, id[NODE_ID_BYTES - 1]!)
    id[0] = prefix >>> 24
    id[1] = prefix >>> 16
    id[2] = ((prefix >>> 8) & 0xf8) | (id[2]! & 7)
    return id
  })(parseIp(host))

/**
 * Whether a node at this address may have this id. Addresses that are not of the internet are exempt: many nodes share
 * one, and none sees the one that it has.
 */
export const isNodeIdOf = (id: Uint8Array, host: string): boolean => {
  const ip = O.toUndefined(parseIp(host))
  if (ip === undefined || id.length !== NODE_ID_BYTES) return false
  if (ipScope(ip) !== 'global') return true
  const prefix = prefixOf(ip, id[NODE_ID_BYTES - 1]!)
  const given = (id[0]! << 24) | (id[1]! << 16) | (id[2]! << 8)
  return ((prefix ^ given) & FIRST_21_BITS) === 0
}

const FIRST_21_BITS = 0xffff_f800

/** Fewer bits of an address count the further to its front they are: who has a whole network has few places. */
const prefixOf = (ip: Uint8Array, random: number): number => {
  const masked = (ip.length === 4 ? MASK_4 : MASK_6).map((mask, i) => mask & ip[i]!)
  masked[0]! |= (random & 7) << 5
  return crc32c(masked)
}

const MASK_4 = Uint8Array.of(0x03, 0x0f, 0x3f, 0xff)
const MASK_6 = Uint8Array.of(0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f, 0x7f, 0xff)
