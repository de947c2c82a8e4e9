import type { Clock } from '../deps.js'

export interface VirtualNetworkOptions {
  readonly clock: Clock
  readonly seed: number
  /** One way, between two hosts; 20 by default. */
  readonly latencyMs?: number | ((from: string, to: string) => number)
  /** Up to so much more, anew for each segment; order within a connection holds. 0 by default. */
  readonly jitterMs?: number
  /** The link of each host that `host` is not told another one for. */
  readonly link?: VirtualLink
  /** Most bytes of one chunk; 65 536 by default. */
  readonly chunkSize?: number
  /** Least bytes of a chunk that is not the last one: lengths are drawn between the two. `chunkSize` by default. */
  readonly minChunkSize?: number
  /** Bytes under way or unread per direction of a connection; 262 144 by default. Bounds throughput to this per round trip. */
  readonly windowSize?: number
  /** `write` answers false above so many queued bytes; 65 536 by default. */
  readonly highWaterMark?: number
  /** Chance that a chunk breaks its connection (`ECONNRESET` on both ends); 0 by default. */
  readonly lossChance?: number
  /** `ETIMEDOUT` for a dial without an answer; 10 000 by default. */
  readonly connectTimeoutMs?: number
  /** `ETIMEDOUT` for a sender that a partition has held up so long; 120 000 by default. */
  readonly retransmitTimeoutMs?: number
}

/** Bytes a second, of all the connections of a host together; `Infinity` where absent. */
export interface VirtualLink {
  readonly up?: number
  readonly down?: number
}
