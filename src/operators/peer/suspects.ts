import { toHex } from '../../codecs/bytes.js'
import type { BannedPeer } from './ban.js'
import type { PeerKey } from './peerKey.js'

/**
 * Peers on parole, by host and peer id: who leaves and comes back does not start clean, and who leaves before its
 * blocks are verified answers for them all the same. Beside the bans, and as bounded.
 *
 * Mutable, for one owner; written only through the functions of this file.
 */
export interface Suspects {
  readonly limit: number
  /** Bad pieces that a peer had a part in since its last good one; the longest unchanged first. */
  readonly counts: Map<string, number>
  /** Who has left after sending something, by connection; the first to leave first. */
  readonly departed: Map<PeerKey, BannedPeer>
}

/** Nobody is under suspicion; of more than `limit` suspects, or peers that left, the oldest are forgotten. */
export const createSuspects = (limit = 1_000): Suspects => ({ limit, counts: new Map(), departed: new Map() })

const nameOf = ({ host, peerId }: BannedPeer): string =>
  peerId === undefined ? host : `${host} ${toHex(peerId)}`

export const suspicionOf = (suspects: Suspects, peer: BannedPeer): number =>
  suspects.counts.get(nameOf(peer)) ?? 0

/** 0 clears the peer. */
export const setSuspicion = (suspects: Suspects, peer: BannedPeer, count: number): void => {
  const name = nameOf(peer)
  suspects.counts.delete(name)
  if (count === 0) return
  suspects.counts.set(name, count)
  bound(suspects.counts, suspects.limit)
}

/** The peer has left: its connection's key still names it, for what it sent. */
export const rememberDeparted = (suspects: Suspects, key: PeerKey, peer: BannedPeer): void => {
  suspects.departed.set(key, peer)
  bound(suspects.departed, suspects.limit)
}

const bound = <K>(map: Map<K, unknown>, limit: number): void => {
  for (const oldest of map.keys()) {
    if (map.size <= limit) return
    map.delete(oldest)
  }
}
