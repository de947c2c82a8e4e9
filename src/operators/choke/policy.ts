import type { PeerKey } from '../peer/peerKey.js'

/**
 * Decides who may download from us: given the connected peers, the set to unchoke. Pure; called every 10 seconds,
 * and when a peer becomes interested or leaves while slots are free: then the answer can only add. Keys it does not know and peers that are not interested are ignored by the engine.
 */
export type ChokePolicy = (round: ChokeRound) => ReadonlySet<PeerKey>

export interface ChokeRound {
  /** Milliseconds of the session's clock. */
  readonly now: number
  readonly isSeeding: boolean
  /** How many peers may be unchoked, the optimistic one included. */
  readonly slots: number
  readonly peers: ReadonlyArray<ChokePeer>
  /** In [0, 1), from the session's own seeded generator. */
  readonly random: () => number
}

export interface ChokePeer {
  readonly key: PeerKey
  readonly peerInterested: boolean
  readonly amInterested: boolean
  readonly amChoking: boolean
  readonly isSnubbed: boolean
  readonly isSeed: boolean
  /** Share of the pieces that it has. */
  readonly fraction: number
  /** Payload bytes per second, smoothed. */
  readonly downRate: number
  readonly upRate: number
  readonly connectedAt: number
  /** When the present unchoke began, or the last one did; `-Infinity` if never unchoked. */
  readonly unchokedAt: number
  /** Payload bytes sent since `unchokedAt`. */
  readonly uploadedSinceUnchoke: number
}
