/** What somebody can use now, and could ever use. */
export interface Demand {
  readonly wanted: number
  readonly most: number
}

/**
 * Shares a whole number of things out by demand, max-min fair: who wants little gets it, the others get equal parts of
 * what is left. What nobody asked for is shared out on top, so that a sudden demand finds room at once. Everybody gets
 * `least` (or the most that he can use), even where that adds up to more than the total.
 *
 * @example
 * ```ts
 * const most = 50
 * shareOut(100, [{ wanted: 3, most }, { wanted: 200, most }, { wanted: 200, most }], 1) // [3, 49, 48]
 * ```
 */
export const shareOut = (
  total: number,
  demands: ReadonlyArray<Demand>,
  least: number,
): ReadonlyArray<number> => {
  const served = level(
    total,
    demands.map(({ wanted, most }) => Math.min(Math.max(wanted, least), most)),
  )
  const spare = total - served.reduce((sum, share) => sum + share, 0)
  const extra = level(
    spare,
    demands.map(({ most }, index) => most - served[index]!),
  )
  return demands.map(({ most }, index) => Math.min(most, Math.max(least, served[index]! + extra[index]!)))
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
