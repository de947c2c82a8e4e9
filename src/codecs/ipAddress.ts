import * as O from '#fp/Option'
import type { Option } from '#fp/Option'

/** How far an address reaches: the whole internet, a network of our own, or this machine. */
export type IpScope = 'global' | 'local' | 'loopback'

/**
 * The 4 or 16 bytes of an IP address in text. Strict: four decimal numbers without leading zeros, or RFC 4291 with at
 * most one `::`; no brackets, no zone, no short or hexadecimal IPv4.
 */
export const parseIp = (text: string): Option<Uint8Array> =>
  O.fromNullable(text.includes(':') ? parseIpv6(text) : parseIpv4(text))

/** Text of a 4 or 16 byte address; IPv6 in the short form of RFC 5952. `None` for any other length. */
export const formatIp = (bytes: Uint8Array): Option<string> => {
  if (bytes.length === 4) return O.some(bytes.join('.'))
  return bytes.length === 16 ? O.some(formatIpv6(bytes)) : O.none
}

/**
 * Scope of a 4 or 16 byte address. IPv4 inside IPv6 (mapped, NAT64, 6to4) counts as the IPv4 address. Everything that
 * is not plain global unicast counts as local: private, link-local, shared, documentation, multicast, reserved.
 */
export const ipScope = (bytes: Uint8Array): IpScope => {
  const ip = embeddedIpv4(bytes) ?? bytes
  return ip.length === 4 ? ipv4Scope(ip) : ipv6Scope(ip)
}

/** Whether a 4 or 16 byte address stands for many machines at once: multicast, broadcast and what is reserved next to it. */
export const isMulticast = (bytes: Uint8Array): boolean => {
  const ip = embeddedIpv4(bytes) ?? bytes
  return ip.length === 4 ? ip[0]! >= 224 : ip[0] === 0xff
}

/** Whether an address in text is one that peers and trackers on the internet may have. */
export const isGlobalUnicast = (text: string): boolean => {
  const ip = parseIp(text)
  return O.isSome(ip) && ipScope(ip.value) === 'global'
}

const OCTET = /^(?:0|[1-9]\d{0,2})$/

const parseIpv4 = (text: string): Uint8Array | undefined => {
  const parts = text.split('.')
  const isIp = parts.length === 4 && parts.every((part) => OCTET.test(part) && Number(part) < 256)
  return isIp ? Uint8Array.from(parts, Number) : undefined
}

const GROUP = /^[0-9a-f]{1,4}$/i

const parseIpv6 = (text: string): Uint8Array | undefined => {
  if (text.length > 45) return undefined
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = groups(halves[0] ?? '', halves.length === 1)
  const tail = groups(halves[1] ?? '', true)
  if (head === undefined || tail === undefined) return undefined
  const length = head.length + tail.length
  if (halves.length === 1 ? length !== 16 : length > 14) return undefined
  const out = new Uint8Array(16)
  out.set(head)
  out.set(tail, 16 - tail.length)
  return out
}

/** Bytes of one side of `::`; its last group may be an IPv4 address where it ends the text. */
const groups = (text: string, endsText: boolean): readonly number[] | undefined => {
  if (text === '') return []
  const out: number[] = []
  const parts = text.split(':')
  for (const [i, part] of parts.entries()) {
    if (GROUP.test(part)) {
      const group = parseInt(part, 16)
      out.push(group >>> 8, group & 0xff)
    } else {
      const ipv4 = endsText && i === parts.length - 1 ? parseIpv4(part) : undefined
      if (ipv4 === undefined) return undefined
      for (const byte of ipv4) out.push(byte)
    }
  }
  return out
}

const formatIpv6 = (bytes: Uint8Array): string => {
  if (hasPrefix(bytes, MAPPED)) return `::ffff:${bytes.subarray(12).join('.')}`
  const parts = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16))
  const run = longestZeroRun(parts)
  if (run.length < 2) return parts.join(':')
  return `${parts.slice(0, run.start).join(':')}::${parts.slice(run.start + run.length).join(':')}`
}

const longestZeroRun = (parts: readonly string[]): { readonly start: number; readonly length: number } => {
  let best = { start: 0, length: 0 }
  let start = 0
  for (const [i, part] of parts.entries()) {
    if (part !== '0') start = i + 1
    else if (i + 1 - start > best.length) best = { start, length: i + 1 - start }
  }
  return best
}

const MAPPED = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff)
const NAT64 = Uint8Array.of(0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0)
const SIX_TO_FOUR = Uint8Array.of(0x20, 0x02)
const DOCUMENTATION = Uint8Array.of(0x20, 0x01, 0x0d, 0xb8)

const hasPrefix = (bytes: Uint8Array, prefix: Uint8Array): boolean => {
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix[i]) return false
  return true
}

const embeddedIpv4 = (bytes: Uint8Array): Uint8Array | undefined => {
  if (bytes.length !== 16) return undefined
  if (hasPrefix(bytes, MAPPED) || hasPrefix(bytes, NAT64)) return bytes.subarray(12)
  return hasPrefix(bytes, SIX_TO_FOUR) ? bytes.subarray(2, 6) : undefined
}

/** Network and prefix length of the IPv4 blocks that are not global unicast (RFC 6890). */
const NOT_GLOBAL_IPV4 = [
  [[0, 0, 0, 0], 8],
  [[10, 0, 0, 0], 8],
  [[100, 64, 0, 0], 10],
  [[169, 254, 0, 0], 16],
  [[172, 16, 0, 0], 12],
  [[192, 0, 0, 0], 24],
  [[192, 0, 2, 0], 24],
  [[192, 168, 0, 0], 16],
  [[198, 18, 0, 0], 15],
  [[198, 51, 100, 0], 24],
  [[203, 0, 113, 0], 24],
  [[224, 0, 0, 0], 3],
] as const

const uint32 = (bytes: ArrayLike<number>): number =>
  ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0

const ipv4Scope = (ip: Uint8Array): IpScope => {
  // `0.0.0.0` connects to this machine.
  if (ip[0] === 127 || uint32(ip) === 0) return 'loopback'
  const isLocal = NOT_GLOBAL_IPV4.some(
    ([network, length]) => uint32(ip) >>> (32 - length) === uint32(network) >>> (32 - length),
  )
  return isLocal ? 'local' : 'global'
}

const ipv6Scope = (ip: Uint8Array): IpScope => {
  if (ip.subarray(0, 15).every((byte) => byte === 0) && ip[15]! <= 1) return 'loopback'
  return (ip[0]! & 0xe0) === 0x20 && !hasPrefix(ip, DOCUMENTATION) ? 'global' : 'local'
}
