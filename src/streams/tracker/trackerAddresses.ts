import * as O from '#fp/Option'
import { formatIp, ipScope, isMulticast, parseIp } from '../../codecs/ipAddress.js'
import type { IpScope } from '../../codecs/ipAddress.js'
import { isAnnouncePath } from '../../codecs/trackerUrl.js'

/**
 * The addresses that a UDP tracker is asked at: the first of each family of those that its name has and that a torrent
 * may have asked. Never many machines at once, and nothing but announces on this one.
 */
export const trackerAddresses = (
  found: ReadonlyArray<string>,
  path: string,
  scopeOf: (ip: Uint8Array) => IpScope = ipScope,
): ReadonlyArray<string> => {
  const allowed = found.flatMap((text) => {
    const ip = parseIp(text)
    // With a zone, `fe80::1%eth0`: it is of our own network, and in the form that packets have.
    if (O.isNone(ip)) return /^fe80:[^%]+%\w+$/i.test(text) ? [text] : []
    const isAllowed = !isMulticast(ip.value) && (scopeOf(ip.value) !== 'loopback' || isAnnouncePath(path))
    return isAllowed ? [O.getOrElse(() => text)(formatIp(plain(ip.value)))] : []
  })
  const [four, six] = [false, true].map((isSix) => allowed.find((text) => text.includes(':') === isSix))
  return [four, six].filter((address) => address !== undefined)
}

/** IPv4 in IPv6's clothes is IPv4: the sockets are of one family. */
const plain = (ip: Uint8Array): Uint8Array => {
  const isMapped = ip.length === 16 && MAPPED.every((byte, i) => ip[i] === byte)
  return isMapped ? ip.subarray(12) : ip
}

const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] as const
