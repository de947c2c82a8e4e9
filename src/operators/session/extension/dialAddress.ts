import type { PeerAddress } from '../../../codecs/peerAddress.js'
import type { PeerModel } from '../peerModel.js'

/** Where others can dial the peer: where we did, or where it says that it listens; undefined if it does not. */
export const dialAddress = ({ address, direction, listenPort }: PeerModel): PeerAddress | undefined => {
  if (direction === 'outgoing') return address
  return listenPort === undefined ? undefined : { host: address.host, port: listenPort }
}
