import { describe, expect, it } from 'vitest'
import type { WireMessage } from '../../../src/codecs/wire/message.js'
import { encodeExtendedHandshake } from '../../../src/codecs/wire/extended.js'
import { NONE } from '../../../src/operators/piece/downloads.js'
import { SESSION_LIMITS } from '../../../src/operators/session/limits.js'
import { checkedFixture } from '../../support/checkedFixture.js'
import { type FakePeer, sessionFixture } from '../../support/sessionFixture.js'

const UNCHOKE: WireMessage = { _tag: 'Unchoke' }
const blocksOf = (peer: FakePeer): ReadonlyArray<string> =>
  peer.owed.map(({ piece, begin }) => `${String(piece)}:${String(begin / 16_384)}`)

describe('requests', () => {
  it('wait for the unchoke', () => {
    const fixture = checkedFixture()
    const peer = fixture.peer({ has: 'all' })
    expect(peer.owed).toEqual([])
    peer.says(UNCHOKE)
    expect(peer.owed.length).toBeGreaterThan(0)
  })

  it('are for what the peer has, block by block, the last one short', () => {
    const fixture = checkedFixture({ pieces: 3, blocks: 2, short: 20_000 })
    const peer = fixture.peer({ has: '001' })
    peer.says(UNCHOKE)
    expect(peer.owed).toEqual([{ _tag: 'Request', piece: 2, begin: 0, length: 12_768 }])
  })

  it('are begun 32 deep, and deeper as blocks come, up to what every client takes', () => {
    const fixture = checkedFixture({ pieces: 100, blocks: 8 })
    const peer = fixture.peer({ has: 'all' })
    peer.says(UNCHOKE)
    expect(peer.owed).toHaveLength(32)
    for (const depth of [64, 128, 250]) {
      peer.gives(peer.owed.length)
      expect(peer.owed).toHaveLength(depth)
    }
  })

  it('keep to what the peer takes', () => {
    const fixture = checkedFixture({ pieces: 100 })
    const peer = fixture.peer({ has: 'all' })
    peer.says({ _tag: 'Extended', id: 0, payload: encodeExtendedHandshake({ requestQueue: 5 }) }, UNCHOKE)
    for (let round = 0; round < 20; round++) {
      expect(peer.owed).toHaveLength(5)
      peer.gives(5)
    }
  })

  it('go on with what was begun before anything new', () => {
    const fixture = checkedFixture({ pieces: 20, blocks: 64 })
    const [first, second] = [fixture.peer({ has: 'all' }), fixture.peer({ has: 'all' })]
    first.says(UNCHOKE)
    second.says(UNCHOKE)
    expect(new Set([...first.owed, ...second.owed].map(({ piece }) => piece)).size).toBe(1)
    expect(new Set([...blocksOf(first), ...blocksOf(second)]).size).toBe(64)
  })

  it('begin with the rarest piece once a few are had', () => {
    const fixture = checkedFixture({ pieces: 8, blocks: 32, have: 'xxxx....' })
    for (let i = 0; i < 3; i++) fixture.peer({ has: '11111101' })
    const seed = fixture.peer({ has: 'all' })
    seed.says(UNCHOKE)
    expect(new Set(seed.owed.map(({ piece }) => piece))).toEqual(new Set([6]))
  })

  it('stop while a download limit is used up, and go on as it fills', () => {
    const fixture = checkedFixture({
      pieces: 600,
      policies: { rate: () => ({ down: 100_000, up: Infinity }) },
    })
    const peer = fixture.peer({ has: 'all' })
    peer.says(UNCHOKE)
    let got = 0
    expect(peer.owed, 'before the first tick').toEqual([])
    for (let second = 0; second < 60; second++) {
      got += peer.owed.length
      peer.gives(peer.owed.length)
      fixture.pass(1_000)
    }
    const bytes = got * 16_384
    expect(bytes).toBeGreaterThan(60 * 100_000 * 0.7)
    expect(bytes).toBeLessThan(60 * 100_000 * 1.3 + 32 * 16_384)
  })

  it('stop while memory is short, and go on as pieces are written', () => {
    const fixture = checkedFixture({ pieces: 12, blocks: 1_024, hasQuickDisk: false })
    const peer = fixture.peer({ has: 'all' })
    peer.says(UNCHOKE)
    const give = (): void => {
      while (peer.owed.length > 0) {
        peer.gives(peer.owed.length)
        fixture.pass(250)
      }
    }
    give()
    // 64 MiB at most: four pieces of 16 MiB.
    const waiting = fixture.pending.length
    expect(waiting).toBeGreaterThan(1)
    expect(waiting).toBeLessThanOrEqual(4)
    expect(new Set(fixture.pending.map(({ _tag }) => _tag))).toEqual(new Set(['VerifyPiece']))
    while (fixture.pending.length > 1) fixture.answerDisk()
    expect(peer.owed.length).toBeGreaterThan(0)
    give()
    expect(fixture.pending).toHaveLength(waiting)
  })
})

describe('the memory that a session may take', () => {
  const BLOCK = 16_384
  const begun = (peer: FakePeer): number => new Set(peer.owed.map(({ piece }) => piece)).size

  it('bounds the pieces under way from then on, down to two', () => {
    const fixture = checkedFixture({ pieces: 40, blocks: 4, hasQuickDisk: false })
    const peer = fixture.peer({ has: 'all' })
    fixture.command({ _tag: 'SetMemory', bytes: 5 * 4 * BLOCK })
    peer.says(UNCHOKE)
    expect(begun(peer)).toBe(5)
    fixture.command({ _tag: 'SetMemory', bytes: 0 })
    expect(begun(peer), 'what is under way stays').toBe(5)
    peer.gives(20)
    expect(peer.owed).toEqual([])
    // Three are verified and written: two are left, and nothing new may begin.
    for (let i = 0; i < 6; i++) fixture.answerDisk()
    expect(peer.owed).toEqual([])
    for (let i = 0; i < 4; i++) fixture.answerDisk()
    expect(begun(peer)).toBe(2)
  })

  it('is used at once where there is more of it', () => {
    const fixture = checkedFixture({ pieces: 40, blocks: 4, hasQuickDisk: false })
    const peer = fixture.peer({ has: 'all' })
    fixture.command({ _tag: 'SetMemory', bytes: 0 })
    peer.says(UNCHOKE)
    peer.gives(8)
    expect(peer.owed).toEqual([])
    fixture.command({ _tag: 'SetMemory', bytes: 6 * 4 * BLOCK })
    expect(begun(peer)).toBe(4)
  })

  it('bounds what is written through, of pieces that are too large to be kept', () => {
    const fixture = checkedFixture({ pieces: 3, blocks: 2_048, hasQuickDisk: false })
    const peer = fixture.peer({ has: 'all' })
    fixture.command({ _tag: 'SetMemory', bytes: 10 * BLOCK })
    peer.says(UNCHOKE)
    for (let i = 0; i < 100 && peer.owed.length > 0; i++) peer.gives(1)
    expect(fixture.model.throughBytes).toBeGreaterThan(10 * BLOCK)
    expect(fixture.model.throughBytes).toBeLessThan(100 * BLOCK)
    expect(peer.owed).toEqual([])
  })

  describe('is not left to those who keep others waiting: who would have nothing to do begins one more, where they', () => {
    const scarce = (): { fixture: ReturnType<typeof checkedFixture>; first: FakePeer } => {
      const fixture = checkedFixture({ pieces: 40, blocks: 4 })
      fixture.command({ _tag: 'SetMemory', bytes: 0 })
      const first = fixture.peer({ has: '11' + '0'.repeat(38) })
      first.says(UNCHOKE)
      expect(begun(first)).toBe(2)
      return { fixture, first }
    }
    const others = '00' + '1'.repeat(38)
    const download = (fixture: ReturnType<typeof checkedFixture>, peer: FakePeer): void => {
      for (let i = 0; i < 200; i++) {
        expect(begun(peer)).toBeLessThanOrEqual(1)
        peer.gives(peer.owed.length)
        fixture.pass(250)
      }
      expect(fixture.model.table.havePieces).toBe(38)
    }

    it('are silent', () => {
      const { fixture } = scarce()
      const second = fixture.peer({ has: others })
      second.says(UNCHOKE)
      download(fixture, second)
    })

    it('choke us', () => {
      const { fixture, first } = scarce()
      const second = fixture.peer({ has: others })
      second.says(UNCHOKE)
      first.says({ _tag: 'Choke' })
      download(fixture, second)
    })

    it('have to work alone', () => {
      const { fixture, first } = scarce()
      for (const { exclusive } of fixture.model.downloads.byPiece.values()) expect(exclusive).toBe(NONE)
      for (const open of fixture.model.downloads.byPiece.values()) open.exclusive = 0
      expect(first.owed).toHaveLength(8)
      const second = fixture.peer({ has: 'all' })
      second.says(UNCHOKE)
      download(fixture, second)
    })
  })

  it('is no reason for many pieces: who is served already waits, and so does who may have a slot soon', () => {
    const fixture = checkedFixture({ pieces: 40, blocks: 4, hasQuickDisk: false })
    fixture.command({ _tag: 'SetMemory', bytes: 0 })
    const first = fixture.peer({ has: 'all' })
    first.says(UNCHOKE)
    first.gives(4)
    const second = fixture.peer({ has: 'all' })
    second.says(UNCHOKE)
    fixture.pass(1_000)
    expect(second.owed, 'one is being verified').toEqual([])
    fixture.answerDisk()
    fixture.answerDisk()
    expect(begun(first), 'the slot that is free again, beside what it has').toBe(2)
    expect(begun(second)).toBe(1)
  })

  it('is exceeded for what a reader needs', () => {
    const fixture = checkedFixture({ pieces: 40, blocks: 4 })
    const peer = fixture.peer({ has: 'all' })
    peer.says(UNCHOKE)
    expect(begun(peer)).toBe(8)
    fixture.command({ _tag: 'SetMemory', bytes: 0 })
    fixture.command({ _tag: 'SetWindow', id: 1, first: 20, last: 21 })
    peer.gives(8)
    expect(peer.owed.map(({ piece }) => piece)).toEqual(expect.arrayContaining([20, 21]))
    expect(fixture.noticesOf('PieceFailed')).toEqual([])
    peer.gives(peer.owed.length)
    expect(fixture.model.table.havePieces).toBeGreaterThanOrEqual(8)
  })
})

describe('the endgame', () => {
  const two = (): { fixture: ReturnType<typeof checkedFixture>; slow: FakePeer; quick: FakePeer } => {
    const fixture = checkedFixture({ pieces: 2, blocks: 16 })
    const slow = fixture.peer({ has: 'all' })
    slow.says(UNCHOKE)
    const quick = fixture.peer({ has: 'all' })
    quick.says(UNCHOKE)
    return { fixture, slow, quick }
  }

  it('asks an idle peer again for a few blocks, and cancels what has come', () => {
    const { fixture, slow, quick } = two()
    expect(slow.owed).toHaveLength(32)
    expect(quick.owed).toHaveLength(SESSION_LIMITS.endgameBatch)
    quick.gives()
    expect(slow.toldOf('Cancel')).toHaveLength(1)
    expect(slow.owed).toHaveLength(31)
    while (quick.owed.length > 0) quick.gives(quick.owed.length)
    expect(fixture.model.phase).toBe('seeding')
    expect(slow.owed).toEqual([])
  })

  it('asks no more than two peers for a block', () => {
    const { fixture, quick } = two()
    const third = fixture.peer({ has: 'all' })
    third.says(UNCHOKE)
    expect(blocksOf(third).filter((block) => blocksOf(quick).includes(block))).toEqual([])
    const fourth = fixture.peer({ has: 'all' })
    fourth.says(UNCHOKE)
    expect(fourth.owed).toEqual([])
  })

  it('does not hold a late answer to a cancel against the peer', () => {
    const { fixture, slow, quick } = two()
    const late = slow.owed.slice(0, quick.owed.length)
    quick.gives(quick.owed.length)
    for (const request of late) {
      slow.says({ ...request, _tag: 'Piece', payload: new Uint8Array(request.length) })
    }
    expect(slow.model()!.wasted).toBeLessThanOrEqual(0)
    expect(fixture.model.wasted).toBeGreaterThan(0)
  })
})

describe('a choke', () => {
  it('voids the requests of a peer without BEP 6 at once', () => {
    const fixture = checkedFixture({ pieces: 1, blocks: 8 })
    const [choker, other] = [fixture.peer({ has: 'all', fast: false }), fixture.peer({ has: 'all' })]
    choker.says(UNCHOKE)
    expect(choker.owed).toHaveLength(8)
    choker.says({ _tag: 'Choke' })
    other.says(UNCHOKE)
    expect(other.owed).toHaveLength(8)
    expect(choker.model()!.requests.size).toBe(0)
  })

  it('leaves those of a peer with BEP 6 until it refuses or sends them', () => {
    const fixture = checkedFixture({ pieces: 1, blocks: 8 })
    const [choker, other] = [fixture.peer({ has: 'all' }), fixture.peer({ has: 'all' })]
    choker.says(UNCHOKE)
    choker.says({ _tag: 'Choke' })
    choker.gives(3)
    choker.refuses(5)
    expect(choker.owed).toEqual([])
    other.says(UNCHOKE)
    expect(other.owed).toHaveLength(5)
    other.gives(5)
    expect(fixture.model.phase).toBe('seeding')
  })
})

describe('rejects', () => {
  it('are asked again, of whoever has the piece', () => {
    const fixture = checkedFixture({ pieces: 1, blocks: 4 })
    const refuser = fixture.peer({ has: 'all' })
    refuser.says(UNCHOKE)
    refuser.refuses(4)
    expect(refuser.owed).toHaveLength(4)
  })

  it('without end close the connection', () => {
    const fixture = checkedFixture({ pieces: 8 })
    const refuser = fixture.peer({ has: 'all' })
    refuser.says(UNCHOKE)
    let refusals = 0
    while (refuser.owed.length > 0 && refusals < 5_000) {
      refusals += refuser.owed.length
      refuser.refuses(refuser.owed.length)
    }
    expect(refuser.closedFor()).toEqual({ _tag: 'ProtocolViolation', what: 'too many RejectRequest' })
    expect(refusals).toBeLessThan(SESSION_LIMITS.rejects + 64)
  })

  it('of what was allowed fast end the allowance', () => {
    const fixture = checkedFixture({ pieces: 8 })
    const peer = fixture.peer({ has: 'all' })
    peer.says({ _tag: 'AllowedFast', piece: 3 })
    expect(blocksOf(peer)).toEqual(['3:0', '3:1'])
    let refusals = 0
    while (peer.owed.length > 0 && refusals < 100) {
      peer.refuses(1)
      refusals++
    }
    expect(refusals).toBeLessThan(5)
    expect(peer.closedFor()).toBeUndefined()
  })
})

describe('allowed fast', () => {
  it('lets us ask while choked, for those pieces and no others', () => {
    const fixture = checkedFixture({ pieces: 8 })
    const peer = fixture.peer({ has: '00011111' })
    peer.says(
      { _tag: 'AllowedFast', piece: 0 },
      { _tag: 'AllowedFast', piece: 5 },
      { _tag: 'AllowedFast', piece: 5 },
    )
    expect(blocksOf(peer)).toEqual(['5:0', '5:1'])
    peer.gives(2)
    expect(fixture.model.table.havePieces).toBe(1)
    expect(peer.owed).toEqual([])
  })

  it('is remembered within bounds', () => {
    const fixture = checkedFixture({ pieces: 2_000, blocks: 1 })
    const peer = fixture.peer()
    peer.says(...Array.from({ length: 2_000 }, (_, piece): WireMessage => ({ _tag: 'AllowedFast', piece })))
    expect(peer.model()!.allowedFast).toHaveLength(SESSION_LIMITS.allowedFast)
  })
})

describe('a silent peer', () => {
  it('is snubbed: what it was asked for can be had of others, and is taken late all the same', () => {
    const fixture = checkedFixture({ pieces: 1, blocks: 16 })
    const silent = fixture.peer({ has: 'all' })
    silent.says(UNCHOKE)
    const asked = silent.owed.splice(0)
    fixture.pass(SESSION_LIMITS.snubMs + 500)
    expect(silent.model()!.isSnubbed).toBe(true)
    expect(silent.owed, 'one at a time from here on').toHaveLength(1)
    fixture.pass(SESSION_LIMITS.snubMs - 1_000)
    expect(silent.owed).toHaveLength(1)
    const other = fixture.peer({ has: 'all' })
    other.says(UNCHOKE)
    expect(other.owed.length).toBeGreaterThanOrEqual(15)
    const [late] = asked.slice(-1)
    silent.says({ ...late!, _tag: 'Piece', payload: new Uint8Array(late!.length) })
    expect(silent.model()!.isSnubbed).toBe(false)
    expect(other.toldOf('Cancel')).toHaveLength(1)
    while (other.owed.length > 0) other.gives(16)
    expect(fixture.model.phase).toBe('seeding')
  })

  it('may be as late as it likes with what it was asked for', () => {
    const fixture = checkedFixture({ pieces: 60, blocks: 64 })
    const silent = fixture.peer({ has: 'all' })
    const other = fixture.peer({ has: 'all' })
    for (let round = 0; round < 8 && fixture.model.phase === 'downloading'; round++) {
      silent.says({ _tag: 'Choke' }, UNCHOKE)
      const asked = silent.owed.splice(0)
      fixture.pass(SESSION_LIMITS.snubMs + 500)
      other.says(UNCHOKE)
      for (let i = 0; i < 20; i++) other.gives(16)
      other.says({ _tag: 'Choke' })
      other.refuses(other.owed.length)
      for (const request of asked) {
        silent.says({ ...request, _tag: 'Piece', payload: new Uint8Array(request.length) })
      }
    }
    expect(silent.closedFor()).toBeUndefined()
    expect(silent.model()!.wasted).toBe(0)
  })
})

describe('a download limit', () => {
  it('gets back what was set aside for requests that a choke made void', () => {
    const fixture = sessionFixture({
      pieces: 8,
      blocks: 16,
      policies: { rate: () => ({ down: 100_000, up: Infinity }) },
    })
    const choker = fixture.peer({ has: 'all', fast: false })
    fixture.pass(1_000)
    const { bucket } = fixture.model.allowance.down
    const before = bucket.tokens
    for (let i = 0; i < 20; i++) {
      choker.says(UNCHOKE)
      choker.says({ _tag: 'Choke' })
    }
    expect(choker.toldOf('Request').length).toBeGreaterThan(0)
    expect(bucket.tokens).toBe(before)
  })
})
