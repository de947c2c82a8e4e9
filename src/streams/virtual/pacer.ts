import type { Clock } from '../deps.js'

/** Something that moves bytes at a rate, in the order of the bookings: a receiving line, a disk. */
export interface Pacer {
  /** Books so many bytes behind all that is booked; answers when they are through. */
  readonly book: (count: number) => number
}

/** @param rate - bytes a second; with `Infinity` a booking is through at once. */
export const createPacer = (clock: Clock, rate: number): Pacer => {
  let freeAt = 0
  return {
    book: (count) => {
      freeAt = Math.max(freeAt, clock.now()) + (count / rate) * 1_000
      return freeAt
    },
  }
}
