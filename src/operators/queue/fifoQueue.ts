import type { QueueContext, QueueEntry, QueuePolicy, SessionKey } from './policy.js'

export interface FifoQueueOptions {
  /** Downloads at once, those without life not counted; 3 by default. */
  readonly downloads?: number
  /** Seeds at once, those without life not counted; 5 by default. */
  readonly seeds?: number
  /** Sessions at once, with all that is not counted; 500 by default. */
  readonly total?: number
  /**
   * A session in which no payload has moved for so long since it was let run has no life; one that has shown some is
   * given five times as long. 60 000 by default.
   */
  readonly stallMs?: number
  /** How long a seed is let be before another that is needed more may take its place; 600 000 by default. */
  readonly turnMs?: number
}

/** Lest one that dawdles has another one start and stop every minute. */
const PATIENCE = 5
/** How much more another seed must be needed than one that runs, lest two of a kind change places for ever. */
const LEAD = 1.5

/**
 * Downloads in the order in which they were added, seeds by how much they are needed: few other seeds for the
 * downloaders that there are, and little given back so far.
 *
 * Who runs, runs on: a download until it is done, a seed for its turn at least. A session in which nothing moves keeps
 * running without taking a place, so that a dead torrent does not hold up the living; when it comes alive again, the
 * download added last waits.
 *
 * @example
 * ```ts
 * const queue = fifoQueue({ downloads: 2, seeds: 4 })
 * ```
 */
export const fifoQueue = (options: FifoQueueOptions = {}): QueuePolicy => {
  const { downloads = 3, seeds = 5, total = 500, stallMs = 60_000, turnMs = 600_000 } = options
  return (ctx) => {
    const eligible = ctx.sessions.filter(({ desired }) => desired === 'running')
    const isStalled = (entry: QueueEntry): boolean => hasStalled(ctx, entry, stallMs)
    const alive = eligible.filter((entry) => !isStalled(entry))
    const chosen = [
      ...first(downloads, alive.filter((entry) => !isSeed(entry)).sort(byTurn)),
      ...first(seeds, bySeedNeed(ctx, turnMs, alive.filter(isSeed))),
      ...eligible.filter(isStalled).sort(byTurn),
    ]
    return new Set(first(total, chosen).map(({ key }): SessionKey => key))
  }
}

const first = <A>(count: number, all: ReadonlyArray<A>): ReadonlyArray<A> => all.slice(0, Math.max(0, count))

const isSeed = ({ fraction }: QueueEntry): boolean => fraction >= 1

/** Who reads its own disk has yet to show what it is worth. */
const isPreparing = ({ phase }: QueueEntry): boolean => phase === 'opening' || phase === 'checking'

const hasStalled = ({ now }: QueueContext, entry: QueueEntry, stallMs: number): boolean => {
  const { activeSince, movedAt } = entry
  if (activeSince === undefined || isPreparing(entry)) return false
  return movedAt > activeSince ? now - movedAt >= PATIENCE * stallMs : now - activeSince >= stallMs
}

const byAge = (a: QueueEntry, b: QueueEntry): number =>
  a.addedAt - b.addedAt || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)

/** Who runs before who waits. */
const byTurn = (a: QueueEntry, b: QueueEntry): number => waits(a) - waits(b) || byAge(a, b)

const waits = ({ activeSince }: QueueEntry): number => (activeSince === undefined ? 1 : 0)

const bySeedNeed = (
  { now }: QueueContext,
  turnMs: number,
  seeds: ReadonlyArray<QueueEntry>,
): ReadonlyArray<QueueEntry> => {
  const isInTurn = ({ activeSince }: QueueEntry): boolean =>
    activeSince !== undefined && now - activeSince < turnMs
  return seeds
    .map((entry) => ({
      entry,
      rank: isInTurn(entry) ? 0 : 1,
      need: seedNeed(entry) * (waits(entry) === 0 ? LEAD : 1),
    }))
    .sort((a, b) => a.rank - b.rank || b.need - a.need || byTurn(a.entry, b.entry))
    .map(({ entry }) => entry)
}

/** Downloaders for each seed, less the more has been given back. */
export const seedNeed = ({ seeds, leechers, ratio }: QueueEntry): number =>
  (leechers + 1) / (seeds + 1) / (1 + Math.max(0, ratio))
