/** A set of bytes, as ascending ranges that neither overlap nor touch. Changes in place. */
export interface RangeSet {
  readonly add: (begin: number, end: number) => void
  /** Whether every byte of the range is in. */
  readonly covers: (begin: number, end: number) => boolean
  /** How many bytes of the range are in. */
  readonly count: (begin: number, end: number) => number
  /** How many bytes are in. */
  readonly size: () => number
  readonly forEach: (visit: (begin: number, end: number) => void) => void
}

/** A lookup is a binary search; an addition also moves what lies behind it. */
export const createRangeSet = (): RangeSet => {
  const begins: number[] = []
  const ends: number[] = []
  let size = 0

  /** First range that ends at or after `offset`. */
  const find = (offset: number): number => {
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (ends[middle]! < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  return {
    add: (begin, end) => {
      if (end <= begin) return
      const first = find(begin)
      let last = first
      let from = begin
      let to = end
      while (last < begins.length && begins[last]! <= end) {
        from = Math.min(from, begins[last]!)
        to = Math.max(to, ends[last]!)
        size -= ends[last]! - begins[last]!
        last++
      }
      begins.splice(first, last - first, from)
      ends.splice(first, last - first, to)
      size += to - from
    },
    covers: (begin, end) => {
      if (end <= begin) return true
      const at = find(end)
      return at < begins.length && begins[at]! <= begin
    },
    count: (begin, end) => {
      let sum = 0
      for (let at = find(begin); at < begins.length && begins[at]! < end; at++) {
        sum += Math.max(0, Math.min(end, ends[at]!) - Math.max(begin, begins[at]!))
      }
      return sum
    },
    size: () => size,
    forEach: (visit) => {
      for (let at = 0; at < begins.length; at++) visit(begins[at]!, ends[at]!)
    },
  }
}
