import { encodeUtPex, PEX_FLAG, type PexPeer } from '../../../codecs/wire/utPex.js'
import { mayName } from '../../peer/mayName.js'
import { SESSION_LIMITS } from '../limits.js'
import type { SessionModel } from '../model.js'
import type { PeerModel } from '../peerModel.js'
import { nameOf } from './nameOf.js'
import type { Named } from './peerExchange.js'
import { tellExtended } from './tellExtended.js'

/** Somebody others could dial too. */
interface Connected {
  readonly named: Named
  readonly flags: number
}

/** Tells each peer, once a minute, whom we are connected to (BEP 11): what has changed since it was told last. */
export const tellPeers = (model: SessionModel): void => {
  let connected: ReadonlyMap<string, Connected> | undefined
  for (const peer of model.peers.values()) {
    if (peer.extensions.ut_pex === 0 || model.now < peer.exchange.tellAt) continue
    connected ??= connectedPeers(model)
    tellChanges(model, peer, connected)
  }
}

/** All that others could dial too. */
const connectedPeers = (model: SessionModel): ReadonlyMap<string, Connected> => {
  const connected = new Map<string, Connected>()
  for (const peer of model.peers.values()) {
    const named = nameOf(peer)
    if (named !== undefined) connected.set(named.key, { named, flags: flagsOf(peer) })
  }
  return connected
}

const flagsOf = ({ bits, isUploadOnly, direction, extensions }: PeerModel): number =>
  (bits === undefined || isUploadOnly ? PEX_FLAG.uploadOnly : 0) |
  (extensions.ut_holepunch === 0 ? 0 : PEX_FLAG.holepunch) |
  (direction === 'outgoing' ? PEX_FLAG.reachable : 0)

const tellChanges = (
  model: SessionModel,
  peer: PeerModel,
  connected: ReadonlyMap<string, Connected>,
): void => {
  const { exchange, address } = peer
  const { pexPeers, pexTold } = SESSION_LIMITS
  const dropped: Named[] = []
  const told = exchange.told.filter((one) => {
    if (dropped.length === pexPeers || connected.has(one.key)) return true
    dropped.push(one)
    return false
  })
  const known = new Set(told.map(({ key }) => key))
  const own = nameOf(peer)
  if (own !== undefined) known.add(own.key)
  const added: PexPeer[] = []
  for (const { named, flags } of connected.values()) {
    if (added.length === pexPeers || told.length === pexTold) break
    const { key, host, port } = named
    if (known.has(key) || !mayName(address.host, host)) continue
    told.push(named)
    added.push({ host, port, flags })
  }
  const isNews = added.length + dropped.length > 0
  exchange.tellAt = model.now + (isNews ? SESSION_LIMITS.pexMs : SESSION_LIMITS.pexLookMs)
  if (!isNews) return
  // A list that has grown holds room for half as many again.
  exchange.told = told.slice()
  tellExtended(model, peer, 'ut_pex', encodeUtPex({ added, dropped }))
}
