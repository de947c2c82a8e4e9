import { hashesIn, type HashTree } from '../../codecs/hashTree.js'
import { MAX_HASH_REQUEST } from '../../codecs/limits.js'
import type { HashRange } from '../../codecs/wire/message.js'
import type { SessionEffect } from './effect.js'
import { emit, tell } from './emit.js'
import { leafPiece } from './leafPiece.js'
import { SESSION_LIMITS } from './limits.js'
import { isActive, type SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'
import { closePeer } from './peers.js'
import { growTrees, treeOf } from './treeOf.js'

/**
 * A peer asks for hashes (BEP 52). It gets those of the piece layers, whatever it may have of the pieces and though it be
 * choked: they are what it needs to begin; and those of the blocks in a piece that it could have too. Answers what is
 * wrong with it, if the peer is to go.
 */
export const queueHashes = (model: SessionModel, peer: PeerModel, range: HashRange): string | undefined => {
  if (!peer.hasV2) return 'HashRequest without BitTorrent v2'
  const { queue } = peer.hashes
  const { root, baseLayer, index, length, proofLayers } = range
  // The root is borrowed, as all bytes of a message are.
  const kept = { root: root.slice(), baseLayer, index, length, proofLayers }
  if (queue.length >= SESSION_LIMITS.hashQueue) return refuseHashes(model, peer, kept)
  queue.push(kept)
  return serveHashes(model, peer)
}

/** As many answers as it takes to tell all piece layers, and a little more. */
const answers = ({ config: { metainfo } }: SessionModel): number =>
  metainfo.pieceLayers.size + Math.floor(metainfo.pieceCount / MAX_HASH_REQUEST)

/** One answer at a time, once the socket has room for it; what needs a tree that is being made waits for that. */
export const serveHashes = (model: SessionModel, peer: PeerModel): string | undefined => {
  const { hashes: uploads } = peer
  while (!uploads.isBusy && !peer.isFull) {
    const [range] = uploads.queue
    if (range === undefined) return undefined
    const tree = treeOf(model, range.root)
    if (tree === 'growing') return undefined
    uploads.queue.shift()
    const effect = answerTo(model, peer, range, tree)
    if (effect === undefined) {
      const problem = refuseHashes(model, peer, range)
      if (problem !== undefined) return problem
      continue
    }
    uploads.isBusy = true
    emit(model, effect)
  }
  return undefined
}

/** As `serveHashes`, for a peer that goes where something is wrong with it. */
export const goOnServingHashes = (model: SessionModel, peer: PeerModel): void => {
  const problem = serveHashes(model, peer)
  if (problem !== undefined) closePeer(model, peer, { _tag: 'ProtocolViolation', what: problem })
}

/** The loop has had its turn: trees grow, if somebody waits for them, and what is whole is served from. */
export const onHashTurn = (model: SessionModel): void => {
  const waiting = Array.from(model.peers.values()).filter(({ hashes }) => hashes.queue.length > 0)
  if (growTrees(model, waiting.length > 0)) for (const peer of waiting) goOnServingHashes(model, peer)
}

const answerTo = (
  model: SessionModel,
  peer: PeerModel,
  range: HashRange,
  tree: HashTree | undefined,
): SessionEffect | undefined => {
  const { hashes: uploads } = peer
  const { hashTimes } = SESSION_LIMITS
  const hashes = tree && hashesIn(tree, range)
  if (hashes !== undefined) {
    if (++uploads.ranges > hashTimes * answers(model)) return undefined
    return { _tag: 'ServeHashes', peer: peer.key, message: { _tag: 'Hashes', ...range, hashes } }
  }
  // Leaves cost a read of their piece: they are for who may have the piece.
  if (peer.amChoking || !isActive(model)) return undefined
  const leaves = leafPiece(model, range, tree)
  if (leaves === undefined || ++uploads.leaves > hashTimes * model.geometry.pieceCount) return undefined
  if (!mayHashLeaves(model, leaves.length)) return undefined
  return { _tag: 'ServeLeaves', peer: peer.key, range, leaves }
}

/** Asked too much of the loop's time, it is rejected: leaves are for who has a bad piece, and who is in earnest asks again. */
const mayHashLeaves = (model: SessionModel, length: number): boolean => {
  const from = Math.max(model.now, model.leavesUntil)
  if (from - model.now > SESSION_LIMITS.leafAheadMs) return false
  model.leavesUntil = from + (1_000 * length) / SESSION_LIMITS.leafRate
  return true
}

const refuseHashes = (model: SessionModel, peer: PeerModel, range: HashRange): string | undefined => {
  if (++peer.hashes.refused > SESSION_LIMITS.hashRefusals) return 'a flood of HashRequest'
  tell(model, peer, { ...range, _tag: 'HashReject' })
  return undefined
}

/** An answer went to the socket. */
export const hashesServed = (
  model: SessionModel,
  peer: PeerModel,
  { wireBytes, isFull }: { readonly wireBytes: number; readonly isFull: boolean },
): void => {
  peer.hashes.isBusy = false
  peer.isFull ||= isFull
  peer.lastSentAt = model.now
  model.wireUp += wireBytes
}
