import * as E from '#fp/Either'
import { MAX_METADATA_BYTES } from '../../../codecs/limits.js'
import {
  decodeUtMetadata,
  encodeUtMetadata,
  metadataPieceCount,
  UT_METADATA,
} from '../../../codecs/wire/utMetadata.js'
import { emit } from '../emit.js'
import { SESSION_LIMITS } from '../limits.js'
import type { SessionModel } from '../model.js'
import type { PeerModel } from '../peerModel.js'
import type { Extension } from './extension.js'
import { tellExtended } from './tellExtended.js'

/** BEP 9: who has only a link gets the `info` of the torrent from us. */
export const utMetadata: Extension = {
  name: UT_METADATA,
  id: 2,
  isOffered: (model) => sizeOf(model) > 0 && sizeOf(model) <= MAX_METADATA_BYTES,
  handshake: (model) => ({ metadataSize: sizeOf(model) }),
  onMessage: (model, peer, payload) => {
    const message = decodeUtMetadata(payload)
    // Data and refusals answer nothing that a session asks.
    if (E.isLeft(message) || message.right._tag !== 'Request') return countRefusal(peer)
    return queueMetadata(model, peer, message.right.piece)
  },
}

const sizeOf = ({ config }: SessionModel): number => config.metainfo.info.length

const queueMetadata = (model: SessionModel, peer: PeerModel, piece: number): string | undefined => {
  const { queue, served } = peer.metadata
  const count = metadataPieceCount(sizeOf(model))
  const isServed =
    piece < count &&
    queue.length < SESSION_LIMITS.metadataQueue &&
    served + queue.length < SESSION_LIMITS.metadataTimes * count
  if (!isServed) {
    tellExtended(model, peer, UT_METADATA, encodeUtMetadata({ _tag: 'Reject', piece }))
    return countRefusal(peer)
  }
  queue.push(piece)
  serveMetadata(model, peer)
  return undefined
}

const countRefusal = ({ metadata }: PeerModel): string | undefined =>
  ++metadata.refused > SESSION_LIMITS.metadataRefusals ? 'a flood of metadata requests' : undefined

/** One piece at a time, once the socket has room for it. */
export const serveMetadata = (model: SessionModel, peer: PeerModel): void => {
  const { metadata } = peer
  const id = peer.extensions[UT_METADATA]
  if (id === 0 || metadata.isBusy || peer.isFull) return
  const piece = metadata.queue.shift()
  if (piece === undefined) return
  metadata.isBusy = true
  emit(model, { _tag: 'ServeMetadata', peer: peer.key, id, piece })
}

/** A piece went to the socket. */
export const metadataServed = (
  model: SessionModel,
  peer: PeerModel,
  { wireBytes, isFull }: { readonly wireBytes: number; readonly isFull: boolean },
): void => {
  const { metadata } = peer
  metadata.isBusy = false
  metadata.served++
  peer.isFull ||= isFull
  peer.lastSentAt = model.now
  model.wireUp += wireBytes
  serveMetadata(model, peer)
}
