import * as O from '#fp/Option'
import { ipScope, type IpScope, parseIp } from '../../codecs/ipAddress.js'

const REACH: Readonly<Record<IpScope, number>> = { loopback: 0, local: 1, global: 2 }

/**
 * Whether an address makes sense between us and that peer: one of a network of our own is neither believed from, nor told
 * to, somebody beyond that network. False for what is no IP address.
 */
export const mayName = (peerHost: string, host: string): boolean => {
  const [peer, named] = [parseIp(peerHost), parseIp(host)]
  return O.isSome(peer) && O.isSome(named) && REACH[ipScope(named.value)] >= REACH[ipScope(peer.value)]
}
