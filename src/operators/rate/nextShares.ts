import { shareRates } from './shareRates.js'

/** One who shares a rate. */
export interface Sharer {
  /** Bytes per second that it moves. */
  readonly rate: number
  /** It has lately had to wait for its share: it can do with more. */
  readonly isHungry: boolean
}

/** Beyond what it moves, so that it can grow until it has to wait. */
const HEADROOM = 1.1
/** Of an equal share, for who moves nothing: enough to start with, and to be heard. */
const FLOOR = 0.02

/**
 * The shares of a total for a while to come, in the order of the sharers: those who had to wait share equally what the
 * others leave; when nobody had to, what is left over is spread over all. Together never more than the total.
 */
export const nextShares = (total: number, sharers: ReadonlyArray<Sharer>): ReadonlyArray<number> => {
  if (total === Infinity) return sharers.map(() => Infinity)
  const floor = (total / sharers.length) * FLOOR
  const shares = shareRates(
    total,
    sharers.map(({ rate, isHungry }) => (isHungry ? Infinity : Math.max(rate * HEADROOM, floor))),
  )
  const left = Math.max(0, total - shares.reduce((sum, share) => sum + share, 0)) / sharers.length
  return shares.map((share) => Math.floor(share + left))
}
