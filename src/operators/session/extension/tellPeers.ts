import type { PeerAddress } from '../../../codecs/peerAddress.js'
import { encodeUtPex, PEX_FLAG, type PexPeer } from '../../../codecs/wire/utPex.js'
import { mayName } from '../../peer/mayName.js'
import { SESSION_LIMITS } from '../limits.js'
import type { SessionModel } from '../model.js'
import type { PeerModel } from '../peerModel.js'
import { dialAddress } from './dialAddress.js'
import { addressKey } from './peerExchange.js'
import { tellExtended } from './tellExtended.js'

/** Tells each peer, once a minute, whom we are connected to (BEP 11): what has changed since it was told last. */
export const tellPeers = (model: SessionModel): void => {
  let connected: ReadonlyMap<string, PexPeer> | undefined
  for (const peer of model.peers.values()) {
    if (!peer.extensions.has('ut_pex') || model.now < peer.exchange.tellAt) continue
    connected ??= connectedPeers(model)
    tellChanges(model, peer, connected)
  }
}

/** All that others could dial too. */
const connectedPeers = (model: SessionModel): ReadonlyMap<string, PexPeer> => {
  const connected = new Map<string, PexPeer>()
  for (const peer of model.peers.values()) {
    const address = dialAddress(peer)
    if (address !== undefined) connected.set(addressKey(address), { ...address, flags: flagsOf(peer) })
  }
  return connected
}

const flagsOf = ({ bits, isUploadOnly, direction, extensions }: PeerModel): number =>
  (bits === undefined || isUploadOnly ? PEX_FLAG.uploadOnly : 0) |
  (extensions.has('ut_holepunch') ? PEX_FLAG.holepunch : 0) |
  (direction === 'outgoing' ? PEX_FLAG.reachable : 0)

const tellChanges = (model: SessionModel, peer: PeerModel, connected: ReadonlyMap<string, PexPeer>): void => {
  const { exchange, address } = peer
  const { told } = exchange
  const { pexPeers, pexTold } = SESSION_LIMITS
  const dropped: PeerAddress[] = []
  for (const [key, gone] of told) {
    if (dropped.length === pexPeers) break
    if (connected.has(key)) continue
    told.delete(key)
    dropped.push(gone)
  }
  const itself = dialAddress(peer)
  const ownKey = itself === undefined ? undefined : addressKey(itself)
  const added: PexPeer[] = []
  for (const [key, other] of connected) {
    if (added.length === pexPeers || told.size === pexTold) break
    if (key === ownKey || told.has(key) || !mayName(address.host, other.host)) continue
    told.set(key, { host: other.host, port: other.port })
    added.push(other)
  }
  const isNews = added.length + dropped.length > 0
  exchange.tellAt = model.now + (isNews ? SESSION_LIMITS.pexMs : SESSION_LIMITS.pexLookMs)
  if (isNews) tellExtended(model, peer, 'ut_pex', encodeUtPex({ added, dropped }))
}
