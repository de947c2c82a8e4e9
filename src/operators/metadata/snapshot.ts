import * as O from '#fp/Option'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import { candidateStates } from '../peer/candidates.js'
import { announcerStates } from './announcers.js'
import { fullest } from './exchange.js'
import { layerBytes } from './layers.js'
import { METADATA_LIMITS } from './limits.js'
import type { MetadataModel, MetadataPeer } from './model.js'
import { metadataReasons } from './reasons.js'
import type { MetadataPeerState, MetadataProgress, MetadataState } from './state.js'

/** The model as it stands, for others: immutable. */
export const metadataState = (model: MetadataModel): MetadataState => {
  const progress = progressOf(model)
  const { outcome } = model
  if (outcome === undefined) return { _tag: 'Fetching', progress }
  if (outcome._tag === 'Failed') return { _tag: 'MetadataFailed', progress, error: outcome.error }
  const { metainfo, torrent } = outcome
  const peers = knownPeers(model, metainfo.isPrivate)
  return { _tag: 'Fetched', progress, metainfo, torrent, peers, port: progress.port }
}

const progressOf = (model: MetadataModel): MetadataProgress => {
  const best = fullest(model)
  const { layers } = model
  const info = layers?.metainfo.info ?? NO_BYTES
  const seen = {
    peers: Array.from(model.peers.values(), (peer) => peerState(peer, model.now)),
    candidates: model.candidates.all.size,
    trackers: announcerStates(model.announcers),
    wrong: model.wrong,
  }
  return {
    at: model.now,
    magnet: model.config.magnet,
    port: O.fromNullable(model.port),
    size: O.fromNullable(layers === undefined ? best?.size : info.length + layerBytes(layers)),
    haveBytes: layers === undefined ? (best?.haveBytes ?? 0) : info.length + layers.haveBytes,
    ...seen,
    why: model.outcome === undefined ? metadataReasons(seen, model.config.hasSources) : [],
  }
}

const peerState = (peer: MetadataPeer, now: number): MetadataPeerState => ({
  host: peer.address.host,
  port: peer.address.port,
  direction: peer.direction,
  client: peer.client,
  size: O.fromNullable(peer.messageId === undefined ? undefined : peer.size),
  received: peer.received,
  isResting: peer.restsUntil > now,
})

/** Who has sent metadata, then who is connected, then who has failed least. */
const knownPeers = (model: MetadataModel, isPrivate: boolean): ReadonlyArray<PeerAddress> => {
  const connected = [...model.peers.values()].sort((a, b) => b.received - a.received)
  const known = candidateStates(model.candidates)
    .filter(({ source }) => !isPrivate || source === 'tracker' || source === 'manual')
    .toSorted((a, b) => a.failures - b.failures)
  const isKnown = new Set(known.map(nameOf))
  const addresses = [
    ...connected
      .flatMap(({ address, port }) => (port === undefined ? [] : [{ host: address.host, port }]))
      // Who came to us by itself may have found us anywhere.
      .filter((address) => !isPrivate || isKnown.has(nameOf(address))),
    ...known,
  ]
  const unique = new Map(addresses.map(({ host, port }) => [nameOf({ host, port }), { host, port }]))
  return [...unique.values()].slice(0, METADATA_LIMITS.peersHandedOn)
}

const nameOf = ({ host, port }: PeerAddress): string => `${host} ${String(port)}`

const NO_BYTES = new Uint8Array(0)
