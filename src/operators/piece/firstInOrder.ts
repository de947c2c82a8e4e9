import { hasBit } from './bitfield.js'
import { NONE } from './downloads.js'
import { HIGHEST_PRIORITY, type PickOrder } from './pickOrder.js'
import { findShort, firstOfBits, firstOfShort, type Shortlist } from './shortlist.js'

/**
 * So many places are looked at in the order, then all that the peer has: one that lacks what is rare, or has next to
 * nothing, would else have us look at every piece of the torrent for each that we ask it for.
 */
const MOST_LOOKS = 128

/**
 * The first piece among `bits` (undefined: all of them) that `accept` takes, or -1. The order must not be dirty. Where a
 * look at all bits finds that they are few, it leaves them in `shortlist`, and the next call looks at those alone.
 */
export const firstInOrder = (
  o: PickOrder,
  bits: Uint8Array | undefined,
  accept: ((piece: number) => boolean) | undefined,
  shortlist: Shortlist | undefined,
): number => {
  if (bits !== undefined && shortlist !== undefined) {
    const few = findShort(o, bits, shortlist)
    if (few !== undefined) return firstOfShort(o, bits, accept, shortlist, few)
  }
  const { order, starts, bases, ends, width } = o
  let left = bits === undefined ? Infinity : MOST_LOOKS
  for (let level = HIGHEST_PRIORITY; level > 0; level--) {
    const base = bases[level]!
    if (base < 0) continue
    const end = ends[base + width - 1]!
    // A peer that is no seed has only pieces that are counted: bucket 0 is not among them.
    for (let i = bits === undefined ? starts[level]! : ends[base]!; i < end; i++) {
      const piece = order[i]!
      if ((bits === undefined || hasBit(bits, piece)) && (accept === undefined || accept(piece))) return piece
      if (--left === 0) return bits === undefined ? NONE : firstOfBits(o, bits, accept, shortlist)
    }
  }
  return NONE
}
