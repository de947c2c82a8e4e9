import type { Observable, SchedulerLike } from 'rxjs'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { CandidateSource } from './policy.js'

/**
 * A way to find the peers of a swarm: a DHT node, local discovery, a list of one's own. Sources are merged; each can be
 * replaced or left out.
 *
 * @example
 * ```ts
 * const office: PeerSource = {
 *   name: 'other',
 *   isPublic: false,
 *   find: () => timer(0, 60_000).pipe(map(() => [{ host: '192.0.2.7', port: 6881 }])),
 * }
 * ```
 */
export interface PeerSource {
  /** Shown with the candidates that it finds. */
  readonly name: CandidateSource
  /** Whether looking tells strangers of the torrent. Such a source is never asked for a private torrent (BEP 27). */
  readonly isPublic: boolean
  /**
   * Looks for peers, and makes us known, for as long as it is subscribed. Cold; may emit any number of times. One that
   * throws or errors is reported and ended; the others go on.
   */
  readonly find: (swarm: SwarmView) => Observable<ReadonlyArray<PeerAddress>>
}

/** The swarm that peers are looked for, as its seeker sees it. */
export interface SwarmView {
  /** 20 bytes: the v1 infohash, or the first 20 of the v2 one. */
  readonly infohash: Uint8Array
  /** The TCP port that we listen on, as it becomes known or changes. The latest at once. */
  readonly port$: Observable<number>
  /** The one at which peers beyond our network reach us, where a gateway leads another one inside; absent: as `port$`. */
  readonly externalPort$?: Observable<number>
  /** Whether we have all of the torrent; absent: we do not. The latest at once. */
  readonly isSeed$?: Observable<boolean>
  /** Whether more peers would be of use: while false, being known is all that is asked. The latest at once. */
  readonly wantsPeers$: Observable<boolean>
  /** For timers. */
  readonly clock: SchedulerLike
}
