import type { PeerAddress } from '../../codecs/peerAddress.js'
import { isBanned } from '../peer/ban.js'
import { addCandidate } from '../peer/candidates.js'
import type { CandidateSource } from '../peer/policy.js'
import { announcerFailed, announcerOf, announcerSucceeded, startAnnouncers } from './announcers.js'
import type { MetadataEffect } from './effect.js'
import type { MetadataEvent } from './event.js'
import { askForPieces, assignAttempts } from './exchange.js'
import { askForHashes } from './hashExchange.js'
import type { MetadataModel } from './model.js'
import { onPeer } from './onPeer.js'
import { announceDue, dialMore, onTick } from './onTick.js'
import { flushMessages } from './peers.js'

/** What one event led to. */
export interface MetadataTurn {
  readonly model: MetadataModel
  readonly effects: ReadonlyArray<MetadataEffect>
  /** A snapshot would show something new; with `isUrgent` it is due at once. */
  readonly isNews: boolean
  readonly isUrgent: boolean
  /** The search is over: its last turn. */
  readonly isLast: boolean
}

/**
 * The search for metadata: every event goes through here, one at a time; what is wanted done leaves as effects.
 * Deterministic, in the shape of a session's `turn`.
 */
export const metadataTurn = (model: MetadataModel, event: MetadataEvent): MetadataTurn => {
  model.effects = []
  model.now = event.at
  const before = model.wrong
  switch (event._tag) {
    case 'Started':
      model.effects.push({ _tag: 'Listen' })
      break
    case 'Listening':
      model.port = event.port
      join(model)
      break
    case 'ListenFailed':
      join(model)
      break
    // The session that follows tells of it.
    case 'UtpListenFailed':
      break
    case 'PeerConnected':
    case 'PeerBatch':
    case 'PeerDrained':
    case 'PeerClosed':
    case 'BlocksServed':
    case 'MetadataServed':
    case 'HashesServed':
      onPeer(model, event)
      break
    case 'AnnounceSucceeded':
      if (announcerOf(model.announcers, event.id) === undefined) break
      announcerSucceeded(model.announcers, event.id, event.response, event.at)
      addPeers(model, event.response.peers, 'tracker')
      announceDue(model)
      break
    case 'AnnounceFailed':
      announcerFailed(model.announcers, event.id, event.error, event.at)
      announceDue(model)
      break
    case 'PeersFound':
      addPeers(model, event.peers, event.source)
      break
    case 'SourceFailed':
      break
    case 'Tick':
      onTick(model)
      assignAttempts(model)
      break
  }
  if (model.outcome === undefined) {
    dialMore(model)
    askForPieces(model)
    askForHashes(model)
    flushMessages(model)
  } else leave(model)
  return {
    model,
    effects: model.effects,
    isNews: event._tag !== 'Tick' || model.effects.length > 0,
    isUrgent: model.outcome !== undefined || model.wrong !== before || event._tag === 'Listening',
    isLast: model.outcome !== undefined,
  }
}

/** The first announce waits for the port that it names. */
const join = (model: MetadataModel): void => {
  const { magnet, peers } = model.config
  addPeers(model, [...peers, ...magnet.peers], 'manual')
  startAnnouncers(model.announcers, model.now)
  announceDue(model)
}

const addPeers = (model: MetadataModel, peers: ReadonlyArray<PeerAddress>, source: CandidateSource): void => {
  for (const { host, port } of peers) {
    if (!isBanned(model.bans, host, port)) addCandidate(model.candidates, { host, port }, source, model.now)
  }
}

/**
 * Wires and the port are given up. Trackers are not told: who has the metadata goes on as a peer of the swarm, and their
 * word of it is true.
 */
const leave = (model: MetadataModel): void => {
  for (const peer of [...model.peers.values()]) {
    model.effects.push({ _tag: 'Close', peer: peer.key, reason: { _tag: 'NotNeeded', why: 'stopping' } })
  }
  for (const key of model.dialling.keys()) {
    model.effects.push({ _tag: 'Close', peer: key, reason: { _tag: 'NotNeeded', why: 'stopping' } })
  }
  model.effects.push({ _tag: 'StopListening' })
}
