import { hasBit } from '../../operators/piece/bitfield.js'
import type { SessionCommand } from '../../operators/session/command.js'
import type { SessionState } from '../../operators/session/state.js'

/** Asked for ahead of the reader: some seconds of film, and two pieces at least. */
const AHEAD_BYTES = 2 * 1024 * 1024

/** The pieces that a reader needs next, as the session was told. */
export interface ReadWindow {
  /** The reader is in piece `piece`, and will not go beyond piece `end`. */
  readonly move: (state: SessionState, piece: number, end: number) => void
  readonly clear: () => void
}

/** Tells the session what a reader needs, and only what it does not know. Nothing while there is nothing to fetch. */
export const createReadWindow = (
  id: number,
  pieceLength: number,
  send: (command: SessionCommand) => void,
): ReadWindow => {
  const ahead = Math.max(2, Math.ceil(AHEAD_BYTES / pieceLength))
  let told: { readonly first: number; readonly last: number } | undefined

  const clear = (): void => {
    if (told === undefined) return
    told = undefined
    send({ _tag: 'ClearWindow', id })
  }

  return {
    clear,
    move: ({ phase, bitfield }, piece, end) => {
      // What is on disk is not known yet, or nothing will come any more.
      if (phase === 'opening' || phase === 'checking' || phase === 'stopping' || phase === 'stopped') return
      const last = Math.min(end, piece + ahead)
      let first = piece
      while (first <= last && hasBit(bitfield.bytes, first)) first++
      if (first > last) {
        clear()
        return
      }
      if (told?.first === piece && told.last === last) return
      told = { first: piece, last }
      send({ _tag: 'SetWindow', id, first: piece, last })
    },
  }
}
