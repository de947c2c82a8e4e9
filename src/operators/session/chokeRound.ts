import { askChoke } from './askPolicy.js'
import { tell } from './emit.js'
import { useGrant } from './grantFast.js'
import { isActive, type SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'
import { rate } from '../rate/ewma.js'
import { dropUploads } from './serve.js'

/**
 * Who may download from us, decided anew: every 10 s (`due`), or for a `newcomer` while slots are free, so that a small
 * swarm starts at once. A newcomer never costs anybody a slot.
 */
export const chokeRound = (model: SessionModel, why: 'due' | 'newcomer'): void => {
  if (!isActive(model)) return
  const peers = [...model.peers.values()]
  let unchoked = peers.filter((peer) => !peer.amChoking).length
  const slots = model.unchokeSlots
  if (why === 'newcomer' && unchoked >= slots) return
  const chosen = askChoke(model, {
    now: model.now,
    isSeeding: model.phase === 'seeding',
    slots,
    random: model.random,
    peers: peers.map((peer) => ({
      key: peer.key,
      peerInterested: peer.peerInterested,
      amInterested: peer.amInterested,
      amChoking: peer.amChoking,
      isSnubbed: peer.isSnubbed,
      isSeed: peer.bits === undefined,
      fraction: model.table.pieceCount === 0 ? 1 : peer.pieceCount / model.table.pieceCount,
      downRate: rate(peer.down),
      upRate: rate(peer.up),
      connectedAt: peer.connectedAt,
      unchokedAt: peer.unchokedAt,
      uploadedSinceUnchoke: peer.uploadedSinceUnchoke,
    })),
  })
  if (why === 'due') {
    for (const peer of peers) if (!chosen.has(peer.key) || !peer.peerInterested) choke(model, peer)
    unchoked = peers.filter((peer) => !peer.amChoking).length
  }
  for (const peer of peers) {
    if (unchoked >= slots) return
    if (!peer.amChoking || !peer.peerInterested || !chosen.has(peer.key)) continue
    unchoke(model, peer)
    unchoked++
  }
}

const unchoke = (model: SessionModel, peer: PeerModel): void => {
  peer.amChoking = false
  peer.unchokedAt = model.now
  peer.uploadedSinceUnchoke = 0
  tell(model, peer, { _tag: 'Unchoke' })
}

/** What it may have all the same (BEP 6) it still gets. */
const choke = (model: SessionModel, peer: PeerModel): void => {
  if (peer.amChoking) return
  sayChoke(model, peer)
  dropUploads(model, peer, ({ piece, length }) => useGrant(peer, piece, length))
}

/** Chokes a peer that is to get nothing at all for now. */
export const stopServing = (model: SessionModel, peer: PeerModel): void => {
  if (!peer.amChoking) sayChoke(model, peer)
  dropUploads(model, peer)
}

const sayChoke = (model: SessionModel, peer: PeerModel): void => {
  peer.amChoking = true
  tell(model, peer, { _tag: 'Choke' })
}
