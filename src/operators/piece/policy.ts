import type { Option } from '#fp/Option'

/**
 * Decides which piece to begin next with the peer that asks. Pure; called once a piece, when nothing begun is left for
 * that peer. An answer that `canPick` refuses is nonsense to the engine, which then asks the default.
 *
 * @example
 * ```ts
 * const policy: PiecePolicy = pipe(randomFirst(4), orElse(rarestFirst))
 * ```
 */
export type PiecePolicy = (ctx: PickContext) => Option<PieceIndex>

/** 0 … `pieceCount` - 1. */
export type PieceIndex = number

/** What there is to pick from, for one peer at one moment. A view: it dies with the call. */
export interface PickContext {
  readonly pieceCount: number
  /** Pieces verified. */
  readonly havePieces: number
  /** Milliseconds of the session's clock. */
  readonly now: number
  /** Wanted, not had, not begun, and the asking peer has it. */
  readonly canPick: (piece: PieceIndex) => boolean
  /** Connected peers that have the piece. */
  readonly availability: (piece: PieceIndex) => number
  /** What the piece is worth, from 1 to 7 (first); 0: not wanted. The highest of the files that share it. */
  readonly priority: (piece: PieceIndex) => number
  /** Pieces neither had nor begun that readers need now, in the order of need; mostly none. See `deadline`. */
  readonly urgent: ReadonlyArray<PieceIndex>
  /**
   * The first piece in the order of priority and, in one priority, of rarity, ties broken by chance, that `canPick` and
   * `accept` take; -1 if none. Cheap while most are taken: what `accept` refuses is walked over.
   */
  readonly firstByRarity: (accept?: (piece: PieceIndex) => boolean) => number
  /**
   * The first piece in index order, from `from` on, that `canPick` and `accept` take, whatever its priority; -1 if
   * none. Having come to the end, it goes on from 0 where `wrap` says so.
   */
  readonly firstByIndex: (from: PieceIndex, wrap: boolean, accept?: (piece: PieceIndex) => boolean) => number
  /** In [0, 1), from the session's own seeded generator. */
  readonly random: () => number
}
