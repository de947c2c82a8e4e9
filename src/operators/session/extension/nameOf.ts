import type { PeerModel } from '../peerModel.js'
import { dialAddress } from './dialAddress.js'
import { addressKey, type Named } from './peerExchange.js'

/** How others are told of the peer; undefined: nobody could dial it. */
export const nameOf = (peer: PeerModel): Named | undefined => {
  const address = dialAddress(peer)
  if (address === undefined) return undefined
  const { exchange } = peer
  // Its host stays, its port is what it said last.
  if (exchange.named?.port === address.port) return exchange.named
  exchange.named = { host: address.host, port: address.port, key: addressKey(address) }
  return exchange.named
}
