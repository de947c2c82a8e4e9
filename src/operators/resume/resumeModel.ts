import type { SlotBlocks } from '../session/effect.js'
import type { PartialPiece, ResumeTotals } from '../../codecs/resume.js'

/** What of a session makes news for its resume data. */
export interface ResumeNews {
  readonly havePieces: number
  readonly downloaded: number
  readonly uploaded: number
  /** All that was wanted is there. */
  readonly isDone: boolean
}

/** A slot that is being read into. */
export interface FilledSlot extends PartialPiece {
  readonly slot: number
  /** What comes is of no use any more. */
  readonly isForgotten: boolean
}

/** The part of the model that is about resume data. Mutable, private to the fold. */
export interface ResumeModel {
  /** There is a place to keep them. */
  isKept: boolean
  /** What an earlier run saved is being read: nothing is checked yet. */
  isLoading: boolean
  /** What is on disk is known: from here on there is something to save. */
  isReady: boolean
  addedAt: number
  /** Totals of the runs before. */
  before: ResumeTotals
  /** The user has said nothing of priorities: those of the run before count. */
  restoresPriorities: boolean
  /**
   * The save that goes before the first byte, where no earlier run has left one: `due` once somebody has what is wanted,
   * `awaited` while it is under way.
   */
  first: 'due' | 'awaited' | 'over'
  /** Until then at most nothing is asked for while it is. */
  heldUntil: number
  /** Files with bytes in them that were there at the start, and that no earlier run speaks of. */
  strangers: ReadonlyArray<number>
  /** Pieces that the check can leave out, as bits. */
  known: Uint8Array | undefined
  /** The last piece of the range being checked. */
  checkEnd: number
  /** To be gone on with once the check is over. */
  partial: ReadonlyArray<PartialPiece>
  /** Pieces whose blocks are being read into a slot: it is theirs until that is over. */
  readonly filling: Map<number, FilledSlot>

  status: 'idle' | 'saving' | 'removing'
  /** Slots are being written: nothing may come into them. */
  isStoring: boolean
  /** What the save under way writes from them. */
  storing: ReadonlyArray<SlotBlocks>
  /** Another save was asked for meanwhile. */
  again: 'flushed' | 'all' | undefined
  /** Something that `ResumeNews` does not tell has changed. */
  isChanged: boolean
  /** What was saved is true for a while only, and to be saved again once its data is on the device. */
  isUnsynced: boolean
  saved: ResumeNews
  /** What the save under way says. */
  saving: ResumeNews
  nextAt: number
  /** What an earlier run wrote is to come to the device with a save of this one. */
  isInherited: boolean
  /** From then on a save sees to it that its data is on the device. */
  syncAt: number
  /** Nothing that came in this run has been saved: the first of it does not wait for a whole minute. */
  isYoung: boolean
  failures: number
}

const NOTHING: ResumeNews = { havePieces: 0, downloaded: 0, uploaded: 0, isDone: false }

interface ResumeOptions {
  readonly isResumed?: boolean
  readonly addedAt?: number
  readonly priorities?: ReadonlyArray<number>
}

const NO_FILES: ReadonlyArray<number> = []

/** @param pieceCount - of the torrent: a check runs to its last piece unless told otherwise. */
export const createResumeModel = (options: ResumeOptions, pieceCount: number): ResumeModel => ({
  isKept: options.isResumed ?? false,
  isLoading: false,
  isReady: false,
  addedAt: options.addedAt ?? 0,
  before: { downloaded: 0, uploaded: 0 },
  restoresPriorities: options.priorities === undefined,
  first: 'over',
  heldUntil: -Infinity,
  strangers: NO_FILES,
  known: undefined,
  checkEnd: pieceCount - 1,
  partial: [],
  filling: new Map(),
  status: 'idle',
  isStoring: false,
  storing: [],
  again: undefined,
  isChanged: false,
  isUnsynced: false,
  saved: NOTHING,
  saving: NOTHING,
  nextAt: Infinity,
  isInherited: false,
  syncAt: Infinity,
  isYoung: true,
  failures: 0,
})
