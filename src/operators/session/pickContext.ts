import { NONE } from '../piece/downloads.js'
import { firstByIndex } from '../piece/firstByIndex.js'
import { availabilityOf, firstByRarity, isMissing } from '../piece/pieceTable.js'
import type { PickContext } from '../piece/policy.js'
import { neededPieces } from '../piece/windows.js'
import { mayAsk } from './mayAsk.js'
import type { SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'

type Accept = (piece: number) => boolean

/** What a piece policy sees of the session, for one peer. */
export const pickContext = (model: SessionModel, peer: PeerModel): PickContext => {
  const { table, windows } = model
  const canPick = (piece: number): boolean =>
    Number.isInteger(piece) &&
    piece >= 0 &&
    piece < table.pieceCount &&
    isMissing(table, piece) &&
    mayAsk(model, peer, piece)
  const availability = (piece: number): number => availabilityOf(table, piece)
  const priority = (piece: number): number => table.priority[piece] ?? 0
  const search = peer.peerChoking
    ? searchAllowed(peer.allowedFast.filter(canPick), canPick, priority, availability)
    : {
        firstByRarity: (accept?: Accept) => firstByRarity(table, peer.bits, accept, peer.shortlist),
        firstByIndex: (from: number, wrap: boolean, accept?: Accept) =>
          firstByIndex(table, peer.bits, from, wrap, accept, peer.shortlist),
      }
  return {
    pieceCount: table.pieceCount,
    havePieces: table.havePieces,
    now: model.now,
    canPick,
    availability,
    priority,
    urgent: neededPieces(windows, table).filter((piece) => isMissing(table, piece)),
    ...search,
    random: model.random,
  }
}

/** While choked, only what was allowed fast can be asked for: a few pieces, looked at one by one. */
const searchAllowed = (
  allowed: ReadonlyArray<number>,
  canPick: Accept,
  priority: (piece: number) => number,
  availability: (piece: number) => number,
): Pick<PickContext, 'firstByRarity' | 'firstByIndex'> => {
  const byRank = allowed.toSorted((a, b) => priority(b) - priority(a) || availability(a) - availability(b))
  const byIndex = allowed.toSorted((a, b) => a - b)
  return {
    firstByRarity: (accept) =>
      byRank.find((piece) => canPick(piece) && (accept === undefined || accept(piece))) ?? NONE,
    firstByIndex: (from, wrap, accept) => {
      const pickable = byIndex.filter((piece) => canPick(piece) && (accept === undefined || accept(piece)))
      return pickable.find((piece) => piece >= from) ?? (wrap ? (pickable[0] ?? NONE) : NONE)
    },
  }
}
