import { hashesIn, hashTree, type HashTree } from '../../codecs/hashTree.js'
import { toHex } from '../../codecs/bytes.js'
import { MAX_HASH_REQUEST } from '../../codecs/limits.js'
import { pieceHeight } from '../../codecs/merkle.js'
import type { HashRange } from '../../codecs/wire/message.js'
import { emit, tell } from './emit.js'
import { SESSION_LIMITS } from './limits.js'
import type { SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'

/**
 * A peer asks for hashes (BEP 52). It gets those of the piece layers, whatever it may have of the pieces and though it be
 * choked: they are what it needs to begin. Answers what is wrong with it, if the peer is to go.
 */
export const queueHashes = (model: SessionModel, peer: PeerModel, range: HashRange): string | undefined => {
  if (!peer.hasV2) return 'HashRequest without BitTorrent v2'
  const { queue, served } = peer.hashes
  const isServed =
    queue.length < SESSION_LIMITS.hashQueue &&
    served + queue.length < SESSION_LIMITS.hashTimes * answers(model)
  const { root, baseLayer, index, length, proofLayers } = range
  // The root is borrowed, as all bytes of a message are.
  const kept = { root: root.slice(), baseLayer, index, length, proofLayers }
  if (!isServed) return refuseHashes(model, peer, kept)
  queue.push(kept)
  return serveHashes(model, peer)
}

/** As many answers as it takes to tell all piece layers, and a little more. */
const answers = ({ config: { metainfo } }: SessionModel): number =>
  metainfo.pieceLayers.size + Math.floor(metainfo.pieceCount / MAX_HASH_REQUEST)

/** One answer at a time, once the socket has room for it. */
export const serveHashes = (model: SessionModel, peer: PeerModel): string | undefined => {
  const { hashes: uploads } = peer
  while (!uploads.isBusy && !peer.isFull) {
    const range = uploads.queue.shift()
    if (range === undefined) return undefined
    const tree = treeOf(model, toHex(range.root))
    const hashes = tree && hashesIn(tree, range)
    if (hashes === undefined) {
      const problem = refuseHashes(model, peer, range)
      if (problem !== undefined) return problem
      continue
    }
    uploads.isBusy = true
    emit(model, { _tag: 'ServeHashes', peer: peer.key, message: { _tag: 'Hashes', ...range, hashes } })
  }
  return undefined
}

const treeOf = ({ config, hashTrees }: SessionModel, root: string): HashTree | undefined => {
  const known = hashTrees.get(root)
  const { pieceLayers, pieceLength } = config.metainfo
  const layer = pieceLayers.get(root)
  if (known !== undefined || layer === undefined) return known
  const tree = hashTree(layer, pieceHeight(pieceLength))
  hashTrees.set(root, tree)
  return tree
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
  peer.hashes.served++
  peer.isFull ||= isFull
  peer.lastSentAt = model.now
  model.wireUp += wireBytes
}
