import { dialable } from '../peer/candidates.js'
import { rate } from '../rate/ewma.js'
import { SESSION_LIMITS } from './limits.js'
import type { SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'
import { closePeer } from './peers.js'

/**
 * No payload either way for two minutes, though it is not for want of a slot of ours: who still waits for its first
 * turn, or made use of the last one, may yet be of use.
 */
const isUseless = ({ now }: SessionModel, peer: PeerModel): boolean =>
  now - peer.lastPayloadAt >= SESSION_LIMITS.uselessMs &&
  !(peer.peerInterested && peer.amChoking && (peer.unchokedAt === -Infinity || peer.uploadedSinceUnchoke > 0))

const interests = ({ amInterested, peerInterested }: PeerModel): number =>
  Number(amInterested) + Number(peerInterested)

/** The least useful first: those that do nothing, before them those that neither side wants, then by what they move. */
const byUse = (model: SessionModel, a: PeerModel, b: PeerModel): number =>
  Number(isUseless(model, b)) - Number(isUseless(model, a)) ||
  interests(a) - interests(b) ||
  rate(a.down) + rate(a.up) - rate(b.down) - rate(b.up) ||
  a.lastPayloadAt - b.lastPayloadAt

/** A place for the newcomer: somebody useless gives way, if there is one. Answers whether. */
export const makeWay = (model: SessionModel, newcomer: PeerModel | undefined): boolean => {
  let worst: PeerModel | undefined
  for (const peer of model.peers.values()) {
    if (peer === newcomer || !isUseless(model, peer)) continue
    if (worst === undefined || byUse(model, peer, worst) < 0) worst = peer
  }
  if (worst === undefined) return false
  closePeer(model, worst, { _tag: 'NotNeeded', why: 'useless' })
  return true
}

/** Where every place is taken and others could be dialled, somebody useless gives way: one a tick. */
export const turnOver = (model: SessionModel): void => {
  const { peers, dialling, connections, candidates, now } = model
  if (peers.size === 0 || peers.size + dialling.size < connections) return
  if (dialable(candidates, now).length > 0) makeWay(model, undefined)
}

/** Fewer places than peers: the least useful go. */
export const closeExcess = (model: SessionModel): void => {
  const excess = model.peers.size - model.connections
  if (excess <= 0) return
  const worst = [...model.peers.values()].sort((a, b) => byUse(model, a, b)).slice(0, excess)
  for (const peer of worst) closePeer(model, peer, { _tag: 'NotNeeded', why: 'too-many' })
}
