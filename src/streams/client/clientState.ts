import type { Option } from '#fp/Option'
import type { MetadataReason } from '../../operators/metadata/reason.js'
import type { SessionPhase, SessionState, Totals } from '../../operators/session/state.js'

/** A client at one moment: immutable; what did not change keeps its identity. */
export interface ClientState {
  /** The port that all sessions share; none until it is open. */
  readonly port: Option<number>
  /** By infohash, in hex, in the order in which they were added. */
  readonly sessions: ReadonlyMap<string, SessionSummary>
  /** Magnet links whose torrents are not known yet, in the order in which they were added: no sessions so far. */
  readonly fetching: ReadonlyMap<string, FetchingMagnet>
  readonly totals: ClientTotals
}

/** One line of the links that are being followed. */
export interface FetchingMagnet {
  readonly infohash: string
  /** As the link has it. */
  readonly name: Option<string>
  /** Bytes of the metadata, as peers claim. */
  readonly size: Option<number>
  readonly haveBytes: number
  readonly peers: number
  /** Why nothing comes. */
  readonly why: ReadonlyArray<MetadataReason>
}

/** One line of a list of torrents. Sizes in bytes, rates in bytes per second. */
export interface SessionSummary {
  readonly infohash: string
  readonly name: string
  readonly phase: SessionPhase
  /** Share of all bytes, wanted or not. */
  readonly fraction: number
  /** Every file that is wanted is on the device. */
  readonly isDone: boolean
  readonly isComplete: boolean
  readonly totalBytes: number
  readonly haveBytes: number
  /** Of the files that are wanted. */
  readonly wantedBytes: number
  readonly wantedHaveBytes: number
  readonly peers: number
  readonly down: number
  readonly up: number
  readonly downloaded: number
  readonly uploaded: number
  /** Whether the queue decides when it runs, and if so, whether it has to wait. */
  readonly queue: 'none' | 'running' | 'waiting'
}

/** Sums over all sessions: of the rates and peers, those that there are; of the bytes, also those that have left. */
export interface ClientTotals extends Totals {
  readonly sessions: number
  readonly peers: number
  readonly down: number
  readonly up: number
}

export const summarise = (
  infohash: string,
  name: string,
  queue: SessionSummary['queue'],
  state: SessionState | undefined,
): SessionSummary => ({
  infohash,
  name,
  queue,
  phase: state?.phase ?? 'opening',
  fraction: state?.progress.fraction ?? 0,
  isDone: state?.progress.isDone ?? false,
  isComplete: state?.progress.isComplete ?? false,
  totalBytes: state?.progress.totalBytes ?? 0,
  haveBytes: state?.progress.haveBytes ?? 0,
  wantedBytes: state?.progress.wantedBytes ?? 0,
  wantedHaveBytes: state?.progress.wantedHaveBytes ?? 0,
  peers: state?.peers.length ?? 0,
  down: state?.rates.down ?? 0,
  up: state?.rates.up ?? 0,
  downloaded: state?.totals.downloaded ?? 0,
  uploaded: state?.totals.uploaded ?? 0,
})

export const NO_TOTALS: Totals = {
  downloaded: 0,
  uploaded: 0,
  wireDown: 0,
  wireUp: 0,
  wasted: 0,
  corrupt: 0,
}

export const addTotals = (a: Totals, b: Totals): Totals => ({
  downloaded: a.downloaded + b.downloaded,
  uploaded: a.uploaded + b.uploaded,
  wireDown: a.wireDown + b.wireDown,
  wireUp: a.wireUp + b.wireUp,
  wasted: a.wasted + b.wasted,
  corrupt: a.corrupt + b.corrupt,
})

/** The old record where the new one says the same. */
export const keepSame = <A extends object>(before: A | undefined, after: A): A =>
  before !== undefined && (Object.keys(after) as (keyof A)[]).every((key) => before[key] === after[key])
    ? before
    : after
