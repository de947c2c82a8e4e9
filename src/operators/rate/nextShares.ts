import { shareRates } from './shareRates.js'

/** One who shares a rate. */
export interface Sharer {
  /** Bytes per second that it moves. */
  readonly rate: number
  /** It has lately had to wait for its share: it can do with more. */
  readonly isHungry: boolean
  /** What it would stop at by itself. */
  readonly ownLimit: number
}

/** Beyond what it moves, so that it can grow until it has to wait; so much of an equal share at least. */
const HEADROOM = 1.1
const LEAST_HEADROOM = 0.05
/** Of an equal share, for who moves nothing: enough to start with, and to be heard. */
const FLOOR = 0.02

/**
 * The shares of a total for a while to come, in the order of the sharers: those who had to wait share equally what the
 * others leave; when nobody had to, what is left over is spread over all. Together never more than the total.
 */
export const nextShares = (total: number, sharers: ReadonlyArray<Sharer>): ReadonlyArray<number> => {
  if (total === Infinity) return sharers.map(() => Infinity)
  const equal = total / sharers.length
  const shares = shareRates(
    total,
    // A tenth above its own limit, so that it shows when that is lifted.
    sharers.map((sharer) => (sharer.isHungry ? sharer.ownLimit * HEADROOM : wantedBy(sharer.rate, equal))),
  )
  const left = Math.max(0, total - shares.reduce((sum, share) => sum + share, 0)) / sharers.length
  return shares.map((share) => Math.floor(share + left))
}

const wantedBy = (rate: number, equal: number): number =>
  rate === 0 ? equal * FLOOR : Math.max(rate * HEADROOM, rate + equal * LEAST_HEADROOM)
