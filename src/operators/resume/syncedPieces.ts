import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { isBootId, type ResumeData, type Unsynced } from '../../codecs/resume.js'
import { clearBit, setBit } from '../piece/bitfield.js'

/** What a flush has to come to: the device, or the system, which puts it there in its own time. */
export type FlushReach = 'device' | 'system'

type Claims = Pick<ResumeData, 'pieces' | 'partial'>

/** Which pieces are on the device, from save to save of the resume data of one torrent. Mutable, for one owner. */
export interface SyncedPieces {
  /** How far a flush goes where that is what is wanted of it. */
  readonly reach: (wanted: FlushReach) => FlushReach
  /** Bytes of these pieces are being written, for the first time or again. */
  readonly wrote: (first: number, last: number) => void
  /** A flush for a save begins: what is written from here on, it may miss. */
  readonly flushing: () => void
  /** It has come that far, and the claims were made before it: those that may not be on the device yet. */
  readonly flushed: (claims: Claims, reach: FlushReach) => Option<Unsynced>
  /**
   * Takes up what an earlier run has saved. While the system that it ran on still runs, nothing can have been lost: then
   * all of it is as good as on the device, and `inherited` has the pieces that are still to be put there, as bits.
   */
  readonly recall: (data: ResumeData) => Recalled
}

export interface Recalled {
  readonly data: ResumeData
  readonly inherited: Option<Uint8Array>
}

/**
 * Keeps account of what may be lost with the system.
 *
 * @param named - the name of the present run of the system; who does not know it has nothing but the device to rely on.
 *
 * @example
 * ```ts
 * const synced = createSyncedPieces('0b2f…')
 * synced.flushed({ pieces, partial: [] }, 'system') // some: all of them
 * synced.flushed({ pieces, partial: [] }, 'device') // none
 * synced.flushed({ pieces, partial: [] }, 'system') // none
 * ```
 */
export const createSyncedPieces = (named: string | undefined): SyncedPieces => {
  // Another one could not be read again.
  const bootId = named !== undefined && isBootId(named) ? named : undefined
  /** As bits; none is known to be before the first flush. */
  let synced: Uint8Array | undefined
  const written = new Set<number>()

  return {
    reach: (wanted) => (bootId === undefined ? 'device' : wanted),
    wrote: (first, last) => {
      for (let piece = first; piece <= last; piece++) {
        written.add(piece)
        if (synced !== undefined) clearBit(synced, piece)
      }
    },
    flushing: () => {
      written.clear()
    },
    flushed: ({ pieces, partial }, reach) => {
      if (reach === 'device') {
        synced = pieces.slice()
        for (const piece of written) clearBit(synced, piece)
      }
      if (reach === 'device' || bootId === undefined) return O.none
      // What was lost is another piece when it comes again.
      synced &&= synced.map((byte, i) => byte & pieces[i]!)
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
  others === undefined ? bits.slice() : bits.map((byte, i) => byte & ~others[i]!)
