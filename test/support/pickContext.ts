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
  readonly random?: () => number
}): PickContext => {
  const { availability, have = '', peer = '1'.repeat(availability.length), random = () => 0 } = drawing
  const indices = Array.from(availability, (_, index) => index)
  const canPick = (piece: number): boolean => peer[piece] === '1' && !'xo'.includes(have[piece] ?? ' ')
  const byRarity = indices.toSorted((a, b) => Number(availability[a]) - Number(availability[b]))
  const first = (order: ReadonlyArray<number>): number => order.find(canPick) ?? -1
  return {
    pieceCount: availability.length,
    havePieces: Array.from(have).filter((piece) => piece === 'x').length,
    now: 0,
    canPick,
    availability: (piece) => Number(availability[piece]),
    firstByRarity: (accept = () => true) => first(byRarity.filter(accept)),
    firstByIndex: (from, wrap) => first([...indices.slice(from), ...(wrap ? indices.slice(0, from) : [])]),
    random,
  }
}
