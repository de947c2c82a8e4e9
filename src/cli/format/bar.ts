import type { Glyphs } from './glyphs.js'

/** A bar of exactly `columns` characters. It is full only at 1. */
export const formatBar = (fraction: number, columns: number, { barDone, barLeft }: Glyphs): string => {
  const done = Math.floor(Math.min(1, Math.max(0, fraction)) * columns)
  return barDone.repeat(done) + barLeft.repeat(columns - done)
}
