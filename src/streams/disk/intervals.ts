/** A set of numbers as sorted, disjoint, non-touching runs: `begins[i] … ends[i] − 1`. */
export interface Intervals {
  readonly begins: number[]
  readonly ends: number[]
}

export const noIntervals = (): Intervals => ({ begins: [], ends: [] })

/** Adds `begin … end − 1`, in place. */
export const addInterval = ({ begins, ends }: Intervals, begin: number, end: number): void => {
  if (begin >= end) return
  // Mostly behind the last run, or at its end: without lists made anew.
  const tail = ends.length - 1
  if (tail < 0 || begin > ends[tail]!) {
    begins.push(begin)
    ends.push(end)
    return
  }
  if (begin === ends[tail]) {
    ends[tail] = end
    return
  }
  // Everything that overlaps or touches becomes one run.
  const first = firstAtLeast(ends, begin)
  let last = first
  while (last < begins.length && begins[last]! <= end) last += 1
  const from = first < last ? Math.min(begin, begins[first]!) : begin
  const to = first < last ? Math.max(end, ends[last - 1]!) : end
  begins.splice(first, last - first, from)
  ends.splice(first, last - first, to)
}

/** Where the numbers end that follow on `at` in the set; `at` where none does. They, and all before, are taken out. */
export const takeUpTo = ({ begins, ends }: Intervals, at: number): number => {
  let reached = at
  while (begins.length > 0 && begins[0]! <= reached) {
    begins.shift()
    reached = Math.max(reached, ends.shift()!)
  }
  return reached
}

/** In place. */
export const clearIntervals = ({ begins, ends }: Intervals): void => {
  begins.length = 0
  ends.length = 0
}

/** Whether all of `begin … end − 1` is in the set. */
export const hasInterval = ({ begins, ends }: Intervals, begin: number, end: number): boolean => {
  if (begin >= end) return true
  const run = firstAtLeast(ends, end)
  return run < ends.length && begins[run]! <= begin
}

/** Index of the first element that is not below `value`, in a sorted list. */
const firstAtLeast = (sorted: ReadonlyArray<number>, value: number): number => {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! < value) low = middle + 1
    else high = middle
  }
  return low
}
