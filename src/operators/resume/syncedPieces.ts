import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import type { ResumeData, Unsynced } from '../../codecs/resume.js'
import { setBit } from '../piece/bitfield.js'

/** What a flush has to come to: the device, or the system, which puts it there in its own time. */
export type FlushReach = 'device' | 'system'

type Claims = Pick<ResumeData, 'pieces' | 'partial'>

/** Which pieces are on the device, from save to save of the resume data of one torrent. */
export interface SyncedPieces {
  /** How far a flush goes where that is what is wanted of it. */
  readonly reach: (wanted: FlushReach) => FlushReach
  /** A flush has come that far after the claims were made: those that may not be on the device yet. */
  readonly flushed: (claims: Claims, reach: FlushReach) => Option<Unsynced>
  /**
   * Takes up what an earlier run has saved. While the system that it ran on still runs, nothing can have been lost: then
   * all of it is as good as on the device, and `inherited` has the pieces that are still to be put there, as bits.
   */
  readonly recall: (data: ResumeData) => { readonly data: ResumeData; readonly inherited: Option<Uint8Array> }
}

/**
 * @param bootId - names the present run of the system; who does not know it has nothing but the device to rely on.
 *
 * @example
 * ```ts
 * const synced = createSyncedPieces('0b2f…')
 * synced.flushed({ pieces, partial: [] }, 'system') // some: all of them
 * synced.flushed({ pieces, partial: [] }, 'device') // none
 * synced.flushed({ pieces, partial: [] }, 'system') // none
 * ```
 */
export const createSyncedPieces = (bootId: string | undefined): SyncedPieces => {
  /** As bits; none is known to be before the first flush. */
  let synced: Uint8Array | undefined

  return {
    reach: (wanted) => (bootId === undefined ? 'device' : wanted),
    flushed: ({ pieces, partial }, reach) => {
      if (reach === 'device') synced = pieces
      if (reach === 'device' || bootId === undefined) return O.none
      const rest = without(pieces, synced)
      const isAll = partial.length === 0 && rest.every((byte) => byte === 0)
      return isAll ? O.none : O.some({ bootId, pieces: rest })
    },
    recall: (data) => {
      const unsynced = O.toUndefined(data.unsynced)
      synced = without(data.pieces, unsynced?.pieces)
      if (unsynced === undefined || unsynced.bootId !== bootId) return { data, inherited: O.none }
      const inherited = unsynced.pieces.slice()
      for (const { piece } of data.partial) setBit(inherited, piece)
      return { data: { ...data, unsynced: O.none }, inherited: O.some(inherited) }
    },
  }
}

const without = (bits: Uint8Array, others: Uint8Array | undefined): Uint8Array =>
  others === undefined ? bits : bits.map((byte, i) => byte & ~others[i]!)
