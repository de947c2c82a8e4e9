import * as E from '#fp/Either'
import * as O from '#fp/Option'
import type { PeerAddress } from '../../../codecs/peerAddress.js'
import { decodeUtPex, PEX_FLAG, type PexPeer } from '../../../codecs/wire/utPex.js'
import { mayName } from '../../peer/mayName.js'
import { addCandidates, dialMore, ownAddress } from '../lifecycle.js'
import { SESSION_LIMITS } from '../limits.js'
import { isActive, isDone, type SessionModel } from '../model.js'
import type { PeerModel } from '../peerModel.js'
import type { Extension } from './extension.js'
import { nameOf } from './nameOf.js'
import { addressKey } from './peerExchange.js'

/**
 * BEP 11: peers tell each other whom they are connected to. What they say is taken once a minute, and never more than 50
 * addresses of a peer; `tellPeers` is the other half. A private torrent has none of it (BEP 27).
 */
export const utPex: Extension = {
  name: 'ut_pex',
  id: 1,
  isOffered: ({ config }) => config.pex !== false && !config.metainfo.isPrivate,
  onMessage: (model, peer, payload) => {
    const { exchange } = peer
    if (model.now - exchange.takenAt < SESSION_LIMITS.pexTakenMs) {
      return ++exchange.tooSoon > SESSION_LIMITS.pexTooSoon ? 'a flood of ut_pex' : undefined
    }
    exchange.takenAt = model.now
    exchange.tooSoon = 0
    const message = decodeUtPex(payload)
    if (E.isLeft(message)) return 'a ut_pex that cannot be read'
    if (message.right.dropped.length > 0) {
      const gone = new Set(message.right.dropped.map(addressKey))
      exchange.kept = new Set([...exchange.kept].filter((key) => !gone.has(key)))
    }
    takePeers(model, peer, message.right.added)
    return undefined
  },
}

const takePeers = (
  model: SessionModel,
  { address, exchange }: PeerModel,
  added: ReadonlyArray<PexPeer>,
): void => {
  if (!isActive(model)) return
  const kept = new Set(exchange.kept)
  const known = new Set(Array.from(model.peers.values(), (peer) => nameOf(peer)?.key))
  const own = O.toUndefined(ownAddress(model))
  if (own !== undefined) known.add(addressKey(own))
  const news: PeerAddress[] = []
  for (const peer of added) {
    const key = addressKey(peer)
    if (kept.size >= SESSION_LIMITS.pexKept) break
    if (kept.has(key) || known.has(key) || !mayName(address.host, peer.host)) continue
    // Two who want nothing have nothing to say to each other.
    if (isDone(model) && (peer.flags & PEX_FLAG.uploadOnly) !== 0) continue
    kept.add(key)
    news.push({ host: peer.host, port: peer.port })
  }
  if (news.length === 0) return
  exchange.kept = kept
  addCandidates(model, news, 'pex')
  dialMore(model)
}
