import { describe, expect, it } from 'vitest'
import type { WireMessage } from '../../../src/codecs/wire/message.js'
import { blockLengthProblem } from '../../../src/operators/session/setBlockLength.js'
import { restorePieces } from '../../../src/operators/session/restorePieces.js'
import { checkedFixture } from '../../support/checkedFixture.js'
import { type FakePeer, type SessionFixture, sessionFixture } from '../../support/sessionFixture.js'

const UNCHOKE: WireMessage = { _tag: 'Unchoke' }
const cut = (fixture: SessionFixture, blockLength: number): void => {
  fixture.command({ _tag: 'SetBlockLength', blockLength })
}
const lengthsOf = (peer: FakePeer): ReadonlySet<number> => new Set(peer.owed.map(({ length }) => length))

describe('SetBlockLength', () => {
  it('takes powers of two from 1 KiB to 16 KiB', () => {
    const good = [1_024, 2_048, 4_096, 8_192, 16_384]
    expect(good.map(blockLengthProblem)).toEqual(good.map(() => undefined))
    const bad = [0, 512, 1_000, 3_072, 32_768, -1_024, 1_024.5, Number.NaN, Infinity]
    const fixture = checkedFixture()
    for (const length of bad) cut(fixture, length)
    expect(fixture.noticesOf('CommandRefused')).toHaveLength(bad.length)
    expect(fixture.model.geometry.blockLength).toBe(16_384)
  })

  it('cuts what is under way anew: requests are taken back, and asked by the new length', () => {
    const fixture = checkedFixture({ pieces: 4, blocks: 3, short: 1_000 })
    const seed = fixture.peer({ has: 'all' })
    seed.says(UNCHOKE)
    seed.gives(2)
    const cancelled = seed.owed.length
    cut(fixture, 4_096)
    expect(seed.toldOf('Cancel')).toHaveLength(cancelled)
    expect(lengthsOf(seed)).toEqual(new Set([4_096]))
    for (let i = 0; i < 100 && fixture.model.phase === 'downloading'; i++) seed.gives(8)
    expect(fixture.model.phase).toBe('seeding')
    expect(seed.closedFor()?._tag).toBe('NotNeeded')
  })

  it('holds nothing against a peer whose blocks were on their way', () => {
    const fixture = checkedFixture({ pieces: 40, blocks: 8 })
    const seed = fixture.peer({ has: 'all', fast: false })
    seed.says(UNCHOKE)
    for (let i = 0; i < 8; i++) seed.gives(16)
    for (let round = 0; round < 10; round++) {
      const late = seed.owed.map((request): WireMessage => ({
        ...request,
        _tag: 'Piece',
        payload: new Uint8Array(request.length),
      }))
      cut(fixture, round % 2 === 0 ? 8_192 : 16_384)
      seed.says(...late)
    }
    expect(seed.closedFor()).toBeUndefined()
  })

  it('leaves alone what is verified or written', () => {
    const fixture = checkedFixture({ pieces: 2, blocks: 1, hasQuickDisk: false })
    const seed = fixture.peer({ has: 'all' })
    seed.says(UNCHOKE)
    seed.gives(1)
    cut(fixture, 1_024)
    fixture.answerDisk()
    fixture.answerDisk()
    expect(fixture.model.table.havePieces).toBe(1)
  })

  it('leaves a slot alone that an earlier run’s blocks are being read into', () => {
    const fixture = sessionFixture({ pieces: 4, blocks: 4 })
    const { model } = fixture
    const slots = model.freeSlots.length
    model.resume.isKept = true
    model.resume.partial = [{ piece: 2, blocks: Uint8Array.of(0b1000_0000) }]
    restorePieces(model)
    const { slot } = model.resume.filling.get(2)!
    cut(fixture, 4_096)
    cut(fixture, 8_192)
    expect(model.freeSlots).not.toContain(slot)
    const seed = fixture.peer({ has: 'all' })
    seed.says(UNCHOKE)
    const isOthers = (): boolean =>
      [...model.downloads.byPiece.values()].some((download) => download.slot === slot)
    while (seed.owed.length > 0) {
      seed.gives(seed.owed.length)
      expect(isOthers()).toBe(false)
    }
    expect(fixture.effectsOf('DropSlots')).toEqual([])
    fixture.command({ _tag: 'SaveResume' })
    expect(fixture.effectsOf('SaveResume').at(-1)!.claims.partial).toEqual([])
    fixture.feed({ _tag: 'SlotFilled', at: fixture.now(), piece: 2, ok: true })
    expect(model.downloads.byPiece.get(2)?.received ?? 0, 'what was read is not believed').toBe(0)
    while (seed.owed.length > 0) seed.gives(seed.owed.length)
    expect(model.phase).toBe('seeding')
    expect(model.freeSlots).toHaveLength(slots)
    expect(fixture.effectsOf('DropSlots')).toHaveLength(1)
    expect(seed.closedFor()).toEqual({ _tag: 'NotNeeded', why: 'both-seeds' })
  })

  it('to what it is changes nothing', () => {
    const fixture = checkedFixture()
    const seed = fixture.peer({ has: 'all' })
    seed.says(UNCHOKE)
    cut(fixture, 16_384)
    expect(seed.toldOf('Cancel')).toEqual([])
  })

  it('waits for blocks that are written through, and asks for nothing meanwhile', () => {
    const fixture = sessionFixture({ pieces: 1, blocks: 1_025, hasQuickDisk: false })
    const seed = fixture.peer({ has: 'all' })
    seed.says(UNCHOKE)
    seed.gives(3)
    cut(fixture, 8_192)
    expect(seed.owed).toEqual([])
    fixture.pass(1_000)
    fixture.answerDisk()
    fixture.answerDisk({ kind: 'disk-full' })
    expect(seed.owed).toEqual([])
    fixture.answerDisk()
    expect(fixture.model.geometry.blockLength).toBe(8_192)
    expect(fixture.model.throughBytes).toBe(0)
    fixture.pass(2_000)
    expect(lengthsOf(seed)).toEqual(new Set([8_192]))
    while (seed.owed.length > 0) {
      seed.gives(seed.owed.length)
      while (fixture.pending.length > 0) fixture.answerDisk()
    }
    expect(fixture.model.phase).toBe('seeding')
  })
})
