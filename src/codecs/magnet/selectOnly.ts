import { MAX_FILE_INDEX } from '../limits.js'
import type { FileRange } from './magnetModel.js'

const ITEM = /^(\d{1,9})(?:-(\d{1,9}))?$/

/**
 * Reads the values of `so` (BEP 53): `0,2,4-6`. What is malformed, backwards or beyond what a torrent can have is left
 * out; what overlaps or touches becomes one range. No range is ever written out.
 */
export const readSelectOnly = (values: ReadonlyArray<string>): ReadonlyArray<FileRange> => {
  const ranges = values.flatMap((value) => value.split(',').flatMap(rangeOf))
  ranges.sort((a, b) => a.first - b.first)
  const merged: FileRange[] = []
  for (const range of ranges) {
    const before = merged[merged.length - 1]
    if (before === undefined || range.first > before.last + 1) merged.push(range)
    else merged[merged.length - 1] = { first: before.first, last: Math.max(before.last, range.last) }
  }
  return merged
}

/** The one value of `so` for these ranges. */
export const writeSelectOnly = (ranges: ReadonlyArray<FileRange>): string =>
  ranges
    .map(({ first, last }) => (first === last ? String(first) : `${String(first)}-${String(last)}`))
    .join(',')

const rangeOf = (item: string): ReadonlyArray<FileRange> => {
  const [, from, to = from] = ITEM.exec(item) ?? []
  if (from === undefined) return []
  const [first, last] = [Number(from), Number(to)]
  return first <= last && last <= MAX_FILE_INDEX ? [{ first, last }] : []
}
