import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { Option } from '#fp/Option'

/**
 * Decides whom to dial next: at most `ctx.room` of `ctx.candidates`, best first. Pure; called when there is room for
 * connections. Addresses beyond the room are ignored; an answer with one that is no candidate is refused as a whole,
 * and the default answers.
 */
export type PeerPolicy = (ctx: DialContext) => ReadonlyArray<PeerAddress>

/** A view: it dies with the call. */
export interface DialContext {
  readonly now: number
  /** How many connections may be opened now. */
  readonly room: number
  /**
   * Known addresses that are neither connected, being dialled, banned, nor waiting after a failure. Where there are
   * very many, those with the fewest failures.
   */
  readonly candidates: ReadonlyArray<DialCandidate>
  /** Connected peers and those being dialled; the port of an accepted connection is not one to dial. */
  readonly connected: ReadonlyArray<PeerAddress>
  /** Our own address on the internet, as most of those who see us say; none while too few have. */
  readonly ownAddress: Option<PeerAddress>
  readonly random: () => number
}

export interface DialCandidate extends PeerAddress {
  readonly source: CandidateSource
  /** Dials in a row that failed, or led to a connection without payload. */
  readonly failures: number
  /** When it was last dialled, connected or left; `-Infinity` if never. */
  readonly lastTriedAt: number
}

/** A known address. Never changes once emitted. */
export interface CandidateState extends PeerAddress {
  readonly source: CandidateSource
  /** Dials in a row that failed, or led to a connection without payload. */
  readonly failures: number
}

/**
 * Where an address came from: a tracker, the user, an earlier run, the DHT, a peer's exchange (BEP 11), local discovery
 * (BEP 14), the web seeds of the torrent (BEP 17, 19), a source of the user's own.
 */
export type CandidateSource = 'tracker' | 'manual' | 'resume' | 'dht' | 'pex' | 'lsd' | 'webSeed' | 'other'
