import * as E from '#fp/Either'
import { pipe } from '#fp/function'
import { isProven, isSameRange } from '../../codecs/hashProof.js'
import { decodeMetainfo, encodeMetainfo } from '../../codecs/metainfo.js'
import type { HashRange, WireMessage } from '../../codecs/wire/message.js'
import { ban, mayRefuse, onNonsense, strike } from './judge.js'
import { type LayerGathering, type LayerPart, nextPart, storePart } from './layers.js'
import { METADATA_LIMITS } from './limits.js'
import { identityOf, type MetadataModel, type MetadataOutcome, type MetadataPeer } from './model.js'
import { tellPeer } from './peers.js'

/** Asks whoever can be asked for the parts of the piece layers that are missing. */
export const askForHashes = (model: MetadataModel): void => {
  const { layers } = model
  if (layers === undefined) return
  for (const peer of model.peers.values()) {
    if (!peer.hasV2 || peer.restsUntil > model.now) continue
    if (peer.askedParts.size === 0) peer.lastAnswerAt = model.now
    while (peer.askedParts.size < METADATA_LIMITS.outstanding) {
      const part = nextPart(layers, peer.key, METADATA_LIMITS.askedTwice)
      if (part === undefined) break
      part.asked.add(peer.key)
      peer.askedParts.add(part)
      tellPeer(model, peer, { _tag: 'HashRequest', ...part.range })
    }
  }
}

type HashMessage = WireMessage & { readonly _tag: 'HashRequest' | 'Hashes' | 'HashReject' }

/** What a peer says of hashes. A wrong one changes nothing, and is all the proof that it takes. */
export const onHashMessage = (model: MetadataModel, peer: MetadataPeer, message: HashMessage): void => {
  if (message._tag === 'HashRequest') {
    if (mayRefuse(model, peer)) tellPeer(model, peer, { ...keptRange(message), _tag: 'HashReject' })
    return
  }
  const part = takeAsked(peer, message)
  if (part === undefined || model.layers === undefined) {
    onNonsense(model, peer)
    return
  }
  if (message._tag === 'HashReject') {
    strike(model, peer)
    return
  }
  if (!isProven(part.range, message.hashes)) {
    model.wrong++
    ban(model, peer.key, identityOf(peer))
    return
  }
  peer.strikes = 0
  peer.lastAnswerAt = model.now
  peer.received += message.hashes.length
  storePart(model.layers, part, message.hashes)
  if (model.layers.missing === 0) model.outcome = withLayers(model.layers)
}

/** The root is borrowed, as all bytes of a message are. */
const keptRange = ({ root, baseLayer, index, length, proofLayers }: HashRange): HashRange => ({
  root: root.slice(),
  baseLayer,
  index,
  length,
  proofLayers,
})

/** The part that this answers; undefined where the peer was not asked for it. */
const takeAsked = (peer: MetadataPeer, range: HashRange): LayerPart | undefined => {
  for (const part of peer.askedParts) {
    if (!isSameRange(part.range, range)) continue
    part.asked.delete(peer.key)
    peer.askedParts.delete(part)
    return part
  }
  return undefined
}

/** As it will be read again: then each layer is held to its root once more. */
const withLayers = ({ metainfo, layers }: LayerGathering): MetadataOutcome => {
  const torrent = encodeMetainfo({ ...metainfo, pieceLayers: layers })
  return pipe(
    decodeMetainfo(torrent),
    E.match(
      (error): MetadataOutcome => ({ _tag: 'Failed', error: { _tag: 'MetadataInvalid', error } }),
      (whole): MetadataOutcome => ({ _tag: 'Found', metainfo: whole, torrent }),
    ),
  )
}
