import type { PickContext } from '../../src/operators/piece/policy.js'

/**
 * A `PickContext` drawn in strings, one character a piece. Rarity ties go to the lower index.
 *
 * @example
 * ```ts
 * pickContext({
 *   availability: '1321', // peers that have it, 0 … 9
 *   have: ' x o', // x: had, o: begun by someone, anything else: missing
 *   peer: '1101', // what the asking peer has
 * })
 * ```
 */
export const pickContext = (drawing: {
  readonly availability: string
  readonly have?: string
  readonly peer?: string
  /** 0 … 7; all are 4 where absent. */
  readonly priority?: string
  readonly urgent?: ReadonlyArray<number>
  readonly random?: () => number
}): PickContext => {
  const { availability, have = '', peer = '1'.repeat(availability.length), random = () => 0 } = drawing
  const { priority: priorities = '4'.repeat(availability.length), urgent = [] } = drawing
  const priority = (piece: number): number => Number(priorities[piece])
  const indices = Array.from(availability, (_, index) => index)
  const canPick = (piece: number): boolean =>
    priority(piece) > 0 && peer[piece] === '1' && !'xo'.includes(have[piece] ?? ' ')
  const byRarity = indices.toSorted(
    (a, b) => priority(b) - priority(a) || Number(availability[a]) - Number(availability[b]),
  )
  const first = (order: ReadonlyArray<number>): number => order.find(canPick) ?? -1
  return {
    pieceCount: availability.length,
    havePieces: Array.from(have).filter((piece) => piece === 'x').length,
    now: 0,
    canPick,
    availability: (piece) => Number(availability[piece]),
    priority,
    urgent,
    firstByRarity: (accept = () => true) => first(byRarity.filter(accept)),
    firstByIndex: (from, wrap, accept = () => true) =>
      first([...indices.slice(from), ...(wrap ? indices.slice(0, from) : [])].filter(accept)),
    random,
  }
}
