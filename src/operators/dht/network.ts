import { ipScope, parseIp, type IpScope } from '../../codecs/ipAddress.js'
import { toHex } from '../../codecs/bytes.js'
import * as O from '#fp/Option'

/**
 * The network that an address shares with others of one owner: /24 of IPv4, /64 of IPv6. `undefined` where nothing
 * follows from it: in a network of our own many nodes share one, and so they do on one machine.
 */
export const networkOf = (host: string): string | undefined => {
  const ip = O.toUndefined(parseIp(host))
  if (ip === undefined || ipScope(ip) !== 'global') return undefined
  return toHex(ip.subarray(0, ip.length === 4 ? 3 : 8))
}

/** Whether who is at `from` may name an address: nobody on the internet knows one of a network of ours. */
export const mayName = (from: string, host: string): boolean => REACH[scopeOf(from)] <= REACH[scopeOf(host)]

const REACH: { readonly [S in IpScope]: number } = { loopback: 0, local: 1, global: 2 }

const scopeOf = (host: string): IpScope => {
  const ip = O.toUndefined(parseIp(host))
  return ip === undefined ? 'global' : ipScope(ip)
}
