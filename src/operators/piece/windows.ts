import { hasPiece, type PieceTable } from './pieceTable.js'

/** The most pieces that count as urgent at once: more than a reader needs ahead, and few enough to look through. */
const MAX_URGENT = 256

/** Pieces `first … last` that a reader needs, in order, ahead of all else. */
interface Window {
  readonly first: number
  readonly last: number
  /** No piece of the window below is lacking. */
  cursor: number
}

/** The windows of those who read along, by their ids. Mutable, for one owner; written only through this file. */
export interface Windows {
  readonly byId: Map<number, Window>
  /** `neededPieces`, when so many were had and so many lost; undefined: to be made. */
  needed: ReadonlyArray<number> | undefined
  havePieces: number
  lostPieces: number
}

const NOTHING: ReadonlyArray<number> = []

export const createWindows = (): Windows => ({
  byId: new Map(),
  needed: undefined,
  havePieces: 0,
  lostPieces: 0,
})

/** Opens a window, or moves the one of that id. */
export const putWindow = (windows: Windows, id: number, first: number, last: number): void => {
  windows.byId.set(id, { first, last, cursor: first })
  windows.needed = undefined
}

/** Answers whether there was one. */
export const dropWindow = (windows: Windows, id: number): boolean => {
  windows.needed = undefined
  return windows.byId.delete(id)
}

export const isInWindow = ({ byId }: Windows, piece: number): boolean => {
  for (const { first, last } of byId.values()) if (piece >= first && piece <= last) return true
  return false
}

/**
 * The pieces of the windows that are not had, in the order of need: the first of each window, then the second of each;
 * 256 at most. Kept until a piece comes or goes, so that asking for each peer costs nothing.
 */
export const neededPieces = (windows: Windows, table: PieceTable): ReadonlyArray<number> => {
  if (windows.byId.size === 0) return NOTHING
  const hasLost = windows.lostPieces !== table.lostPieces
  if (windows.needed !== undefined && !hasLost && windows.havePieces === table.havePieces)
    return windows.needed
  const needed = new Set<number>()
  const heads = Array.from(windows.byId.values(), (window) => {
    if (hasLost) window.cursor = window.first
    while (window.cursor <= window.last && hasPiece(table, window.cursor)) window.cursor++
    return { next: window.cursor, last: window.last }
  })
  for (let left = heads; left.length > 0 && needed.size < MAX_URGENT;) {
    left = left.filter(({ next, last }) => next <= last)
    for (const head of left) {
      needed.add(head.next)
      do head.next++
      while (head.next <= head.last && hasPiece(table, head.next))
    }
  }
  const pieces = [...needed]
  windows.needed = pieces
  windows.havePieces = table.havePieces
  windows.lostPieces = table.lostPieces
  return pieces
}
