import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { firstByIndex } from '../../../src/operators/piece/firstByIndex.js'
import { firstByRarity, markHave, markMissing, setPriority } from '../../../src/operators/piece/pieceTable.js'
import { losePeerPiece } from '../../../src/operators/session/losePeerPiece.js'
import { pickContext } from '../../../src/operators/session/pickContext.js'
import { bitsOf } from '../../support/bits.js'
import { sessionFixture } from '../../support/sessionFixture.js'

const PIECES = 600
/** What the peer has at first: the last pieces, which everybody has. */
const FEW = 12

const rare = '1'.repeat(PIECES - FEW)
const common = '1'.repeat(FEW)

const step = fc.record({
  what: fc.constantFrom(
    'have',
    'have',
    'take back',
    'take back',
    'gain',
    'lose',
    'prioritize',
    'bitfield',
    'have all',
  ),
  piece: fc.nat(PIECES - 1),
  isIts: fc.boolean(),
  n: fc.nat(7),
})

describe('the context of a pick', () => {
  test.prop([fc.array(step, { maxLength: 40, size: 'max' })], { numRuns: 50 })(
    'finds for a peer with few pieces what a search through all finds, whatever becomes of them',
    (steps) => {
      const fixture = sessionFixture({ pieces: PIECES, blocks: 1 })
      for (let i = 0; i < 3; i++) fixture.peer({ has: rare.replaceAll('1', '0') + common })
      fixture.peer({ has: rare + common.replaceAll('1', '0') })
      const peer = fixture.peer({ has: rare.replaceAll('1', '0') + common })
      const { model } = fixture
      const { table } = model
      for (const { what, piece: place, isIts, n } of steps) {
        const its = peer.model()
        if (its === undefined) return
        const piece = isIts ? PIECES - 1 - (place % FEW) : place
        if (what === 'have') peer.says({ _tag: 'Have', piece })
        else if (what === 'take back') losePeerPiece(model, its, piece)
        else if (what === 'gain') markHave(table, piece)
        else if (what === 'lose') markMissing(table, piece)
        else if (what === 'prioritize') setPriority(table, piece, n)
        else if (n === 0) peer.says({ _tag: what === 'bitfield' ? 'HaveAll' : 'HaveNone' })
        else peer.says({ _tag: 'Bitfield', bits: bitsOf('01'.repeat(n).padEnd(PIECES, '0')) })
        if (peer.model() === undefined) return
        // Only while it is asked for a context: nothing is to be begun with it in between.
        its.peerChoking = false
        const ctx = pickContext(model, its)
        const isOdd = (at: number): boolean => at % 2 === 1
        expect(ctx.firstByRarity()).toBe(firstByRarity(table, its.bits, undefined))
        expect(ctx.firstByRarity(isOdd)).toBe(firstByRarity(table, its.bits, isOdd))
        expect(ctx.firstByIndex(piece, true)).toBe(firstByIndex(table, its.bits, piece, true))
        expect(ctx.firstByIndex(piece, false, isOdd)).toBe(firstByIndex(table, its.bits, piece, false, isOdd))
        its.peerChoking = true
      }
    },
  )
})
