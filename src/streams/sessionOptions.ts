import type { PeerAddress } from '../codecs/peerAddress.js'
import type { PeerSource } from '../operators/peer/source.js'
import { isLimit } from '../operators/rate/limit.js'
import type { ValueOr$ } from '../operators/rx/valueOr.js'
import { connectionLimitsProblem, DEFAULT_CONNECTION_LIMITS } from '../operators/session/connectionLimits.js'
import type { SessionPolicies } from '../operators/session/policies.js'
import { blockLengthProblem } from '../operators/session/setBlockLength.js'
import { desiredProblem } from '../operators/session/setDesired.js'
import type { DesiredState } from '../operators/session/state.js'
import type { StreamPolicy } from '../operators/steer/policy.js'
import type { SessionDht } from './dht/sessionDht.js'
import type { EncryptionPolicy } from './encryption/policy.js'
import type { LimitOptions, PeerGroup } from './limitCommands.js'
import { valueOf } from './optionEvents.js'

export interface SessionOptions {
  /** Port to listen on; any free one where absent. */
  readonly port?: number
  /** Peers to start with, besides those of the trackers. */
  readonly peers?: ReadonlyArray<PeerAddress>
  /** Whether the trackers are asked, and told of us; true unless given. Without, they are known and hear nothing. */
  readonly announce?: boolean
  /** Decisions of your own; the default ones stay for what is absent. */
  readonly policies?: Partial<SessionPolicies>
  /**
   * What the session is to do; `running` where absent, and until a stream says otherwise. `paused`: no payload moves in
   * either direction (but for what the system had taken over before), connections are kept, trackers hear `stopped`.
   * `stopped` is for good.
   */
  readonly desired?: ValueOr$<DesiredState>
  /** Bytes in a request: a power of two from 1 024 to 16 384; 16 384 where absent. */
  readonly blockLength?: ValueOr$<number>
  /** Peers at most, 1 to 1 000; 50 where absent. */
  readonly connections?: number
  /** Of those, how many may download from us at once; 8 where absent. */
  readonly unchokeSlots?: number
  /** How fast the session may go; the rate policy's limits hold besides. */
  readonly limits?: LimitOptions
  /** Peers that share limits of their own. A peer keeps to those of all the groups that include it. */
  readonly groups?: ReadonlyArray<PeerGroup>
  /** Hash what is on disk at the start, whatever is remembered of it. */
  readonly recheck?: boolean
  /** Its abort is a `Stop`. */
  readonly signal?: AbortSignal
  /** What steers the session while it runs: limits by the hour, an end at a ratio. */
  readonly streamPolicies?: ReadonlyArray<StreamPolicy>
  /**
   * Where peers are looked for besides the trackers of the torrent; nowhere else where absent. A private torrent is kept
   * from those that are public.
   */
  readonly sources?: ReadonlyArray<PeerSource>
  /** Whether the web seeds that the torrent names are used (BEP 17, 19), where the world can read them; true unless given. */
  readonly webSeeds?: boolean
  /** Whether peers are told of others and asked for them (BEP 11); true where absent. A private torrent never does. */
  readonly pex?: boolean
  /** Whether connections to peers are encrypted (MSE), where the world can do that; `allowed` unless given. */
  readonly encryption?: EncryptionPolicy
  /**
   * A DHT node to look for peers with, for as long as the session runs; a private torrent does without. Many sessions
   * may share one.
   */
  readonly dht?: SessionDht
  /**
   * What each file is worth: one whole number for each of `metainfo.files`, 0 (not wanted) to 7 (first). Where absent,
   * as an earlier run left it, or else 4 for all. In force before the first request: an Observable that has not said
   * anything when the session starts is waited for. Each later value is a `SetPriorities`. See `selectFiles`.
   */
  readonly priorities?: ValueOr$<ReadonlyArray<number>>
}

/** Throws a `TypeError` that names the first option which makes no sense. */
export const refuseMisuse = (options: SessionOptions): void => {
  const { port = 0, limits, groups = [] } = options
  const rates = [limits, ...groups].flatMap((given) => [valueOf(given?.down), valueOf(given?.up)])
  const areRates = rates.every((rate) => rate === undefined || isLimit(rate))
  const blockLength = valueOf(options.blockLength)
  const problem =
    (blockLength === undefined ? undefined : blockLengthProblem(blockLength)) ??
    desiredProblem(valueOf(options.desired) ?? 'running') ??
    connectionLimitsProblem({ ...DEFAULT_CONNECTION_LIMITS, ...options }) ??
    (areRates ? undefined : 'a limit is not a number of bytes per second') ??
    (Number.isInteger(port) && port >= 0 && port <= 0xffff ? undefined : `${String(port)} is not a port`)
  if (problem !== undefined) throw new TypeError(problem)
}
