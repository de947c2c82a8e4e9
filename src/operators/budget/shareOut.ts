export interface ShareBounds {
  /** Everybody gets that, even where it adds up to more than the total. */
  readonly least: number
  /** Nobody gets more. */
  readonly most: number
}

/**
 * Shares a whole number of things out by demand, max-min fair: who wants little gets it, the others get equal parts of
 * what is left. What nobody asked for is shared out equally on top, so that a sudden demand finds room at once.
 *
 * @example
 * ```ts
 * shareOut(100, [3, 200, 200], { least: 1, most: 50 }) // [3, 49, 48]
 * ```
 */
export const shareOut = (
  total: number,
  demands: ReadonlyArray<number>,
  { least, most }: ShareBounds,
): ReadonlyArray<number> => {
  const wanted = demands.map((demand) => Math.min(Math.max(demand, least), most))
  const served = level(total, wanted)
  const spare = total - served.reduce((sum, share) => sum + share, 0)
  const extra = level(
    spare,
    served.map((share) => most - share),
  )
  return served.map((share, index) => Math.max(least, share + extra[index]!))
}

/** Fills all up to one level, the least first; what cannot be divided goes to the first. */
const level = (total: number, rooms: ReadonlyArray<number>): ReadonlyArray<number> => {
  const shares = new Array<number>(rooms.length).fill(0)
  const byRoom = [...rooms.keys()].sort((a, b) => rooms[a]! - rooms[b]! || b - a)
  let left = Math.max(0, total)
  byRoom.forEach((index, place) => {
    const share = Math.min(rooms[index]!, Math.floor(left / (rooms.length - place)))
    shares[index] = share
    left -= share
  })
  return shares
}
