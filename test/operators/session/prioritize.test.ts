import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import type { WireMessage } from '../../../src/codecs/wire/message.js'
import { createModel, isDone } from '../../../src/operators/session/model.js'
import { createSnapshots } from '../../../src/operators/session/snapshot.js'
import { turn } from '../../../src/operators/session/turn.js'
import { checkedFixture } from '../../support/checkedFixture.js'
import {
  type FakePeer,
  type SessionFixture,
  sessionFixture,
  storageFault,
} from '../../support/sessionFixture.js'

const UNCHOKE: WireMessage = { _tag: 'Unchoke' }
const TRACKERS = [['http://tracker.test/announce']]

const piecesOwed = (...peers: ReadonlyArray<FakePeer>): ReadonlyArray<number> =>
  [...new Set(peers.flatMap(({ owed }) => owed.map(({ piece }) => piece)))].sort((a, b) => a - b)

const drain = (...peers: ReadonlyArray<FakePeer>): void => {
  while (peers.some(({ owed }) => owed.length > 0)) for (const peer of peers) peer.gives(peer.owed.length)
}

const choose = (fixture: SessionFixture, ...priorities: ReadonlyArray<number>): void => {
  fixture.command({ _tag: 'SetPriorities', priorities })
}

const selections = (fixture: SessionFixture): ReadonlyArray<string> =>
  fixture.effectsOf('SelectFiles').map(({ wanted }) => wanted.map((is) => (is ? '1' : '0')).join(''))

const drawHave = ({ model }: SessionFixture): string =>
  Array.from(model.table.status, (status) => (status === 3 ? 'x' : '.')).join('')

describe('priorities from the start', () => {
  it('keep all else from being asked for, and what is wanted makes the session done', () => {
    const fixture = checkedFixture({
      pieces: 6,
      files: [2.5, 2, 1.5],
      priorities: [0, 4, 0],
      trackers: TRACKERS,
    })
    const seed = fixture.peer({ has: 'all', direction: 'outgoing' })
    seed.says(UNCHOKE)
    expect(piecesOwed(seed)).toEqual([2, 3, 4])
    drain(seed)
    expect(drawHave(fixture)).toBe('..xxx.')
    expect(fixture.model.phase).toBe('seeding')
    expect(fixture.noticesOf('Completed')).toHaveLength(1)
    expect(seed.closedFor(), 'both have what they want').toEqual({ _tag: 'NotNeeded', why: 'both-seeds' })
    const { progress } = createSnapshots()(fixture.model)
    expect(progress).toMatchObject({
      isDone: true,
      isComplete: false,
      havePieces: 3,
      wantedBytes: 3 * 32_768,
      wantedHaveBytes: 3 * 32_768,
    })
  })

  it('tell the storage before it looks for anything', () => {
    const fixture = checkedFixture({ pieces: 4, files: [2, 2], priorities: [0, 7] })
    const tags = fixture.effects.map(({ _tag }) => _tag)
    expect(selections(fixture)).toEqual(['01'])
    expect(tags.indexOf('SelectFiles')).toBeLessThan(tags.indexOf('CheckPieces'))
  })

  it('say nothing to a storage that is to keep it all', () => {
    const fixture = checkedFixture({ pieces: 4, files: [2, 2], priorities: [1, 7] })
    choose(fixture, 4, 4)
    expect(selections(fixture)).toEqual([])
  })

  it('are picked from the highest down', () => {
    const fixture = checkedFixture({ pieces: 6, blocks: 32, files: [2, 2, 2], priorities: [1, 7, 4] })
    const seed = fixture.peer({ has: 'all' })
    seed.says(UNCHOKE)
    const order: number[] = []
    while (seed.owed.length > 0) {
      for (const piece of piecesOwed(seed)) if (!order.includes(piece)) order.push(piece)
      seed.gives(1)
    }
    expect(order.map((piece) => Math.floor(piece / 2))).toEqual([1, 1, 2, 2, 0, 0])
  })

  it('of nothing at all leave nothing to do', () => {
    const fixture = checkedFixture({ pieces: 4, files: [2, 2], priorities: [0, 0] })
    expect(fixture.model.phase).toBe('seeding')
    const peer = fixture.peer({ has: '0111' })
    peer.says(UNCHOKE)
    expect([peer.owed, peer.toldOf('Interested')]).toEqual([[], []])
  })

  it('that are still to come hold back the first request, and only that', () => {
    const fixture = checkedFixture({ pieces: 4, files: [2, 2], awaitsPriorities: true })
    const seed = fixture.peer({ has: 'all' })
    seed.says(UNCHOKE)
    fixture.pass(2_000)
    expect(fixture.model.phase).toBe('downloading')
    expect(isDone(fixture.model)).toBe(false)
    expect(seed.owed).toEqual([])
    choose(fixture, 4, 0)
    expect(piecesOwed(seed)).toEqual([0, 1])
    expect(selections(fixture)).toEqual(['10'])
  })
})

describe('SetPriorities', () => {
  it('cancels what is not wanted any more, gives its memory back, and goes on with the rest', () => {
    const fixture = checkedFixture({ pieces: 4, blocks: 16, files: [2, 2] })
    const seeds = [fixture.peer({ has: 'all' }), fixture.peer({ has: 'all', fast: false })] as const
    const free = fixture.model.freeSlots.length
    for (const seed of seeds) seed.says(UNCHOKE)
    seeds[0].gives(3)
    expect(piecesOwed(...seeds).length).toBeGreaterThan(2)
    choose(fixture, 4, 0)
    expect(piecesOwed(...seeds).every((piece) => piece < 2)).toBe(true)
    expect(seeds.flatMap((seed) => seed.toldOf('Cancel')).every(({ piece }) => piece > 1)).toBe(true)
    expect(fixture.model.freeSlots.length).toBe(free - fixture.model.downloads.byPiece.size)
    drain(...seeds)
    expect(drawHave(fixture)).toBe('xx..')
    expect(fixture.model.freeSlots.length).toBe(free)
    expect(seeds[0].model()).toBeUndefined()
  })

  it('keeps a request that is called off until it is answered, where the peer answers every one', () => {
    const fixture = checkedFixture({ pieces: 4, blocks: 4, files: [2, 2] })
    const strict = fixture.peer({ has: 'all' })
    const plain = fixture.peer({ has: 'all', fast: false })
    for (const peer of [strict, plain]) peer.says(UNCHOKE)
    const called = strict.owed.filter(({ piece }) => piece > 1)
    const late = plain.owed.filter(({ piece }) => piece > 1)
    choose(fixture, 4, 0)
    const { requests } = strict.model()!
    expect([called.length, requests.released]).toEqual([called.length, called.length])
    expect(plain.model()!.requests.released).toBe(0)
    expect(plain.model()!.wasted).toBe(-16_384 * late.length)
    for (const request of called) strict.says({ ...request, _tag: 'RejectRequest' })
    expect([requests.released, strict.model()!.rejects]).toEqual([0, 0])
  })

  it('gives the share of what is called off back once', () => {
    const fixture = checkedFixture({ pieces: 4, blocks: 4, files: [2, 2] })
    fixture.command({ _tag: 'SetLimits', scope: 'session', down: 4_000_000, up: Infinity })
    fixture.pass(1_000)
    const peers = [fixture.peer({ has: '1110' }), fixture.peer({ has: '1110', fast: false })]
    const { bucket } = fixture.model.allowance.down
    const before = bucket.tokens
    for (const peer of peers) peer.says(UNCHOKE)
    expect(bucket.tokens).toBeLessThan(before - 10 * 16_384)
    choose(fixture, 0, 4)
    choose(fixture, 0, 0)
    expect(bucket.tokens).toBe(before)
  })

  it('leaves it to a pause that is under way what it waits for', () => {
    const fixture = checkedFixture({ pieces: 4, blocks: 4, files: [2, 2] })
    const peers = [fixture.peer({ has: '1110' }), fixture.peer({ has: '1110', fast: false })]
    for (const peer of peers) peer.says(UNCHOKE)
    fixture.command({ _tag: 'SetDesired', desired: 'paused' })
    const told = peers.map((peer) => [peer.toldOf('Cancel').length, peer.model()!.requests.size])
    choose(fixture, 0, 0)
    expect(peers.map((peer) => [peer.toldOf('Cancel').length, peer.model()!.requests.size])).toEqual(told)
    expect(fixture.model.phase).toBe('pausing')
    expect(fixture.model.downloads.byPiece.size).toBe(0)
  })

  it('does not hold late answers to its cancels against a peer', () => {
    const fixture = checkedFixture({ pieces: 4, blocks: 16, files: [2, 2] })
    const seed = fixture.peer({ has: 'all' })
    seed.says(UNCHOKE)
    const late = seed.owed.filter(({ piece }) => piece > 1)
    choose(fixture, 4, 0)
    for (const request of late)
      seed.says({ ...request, _tag: 'Piece', payload: new Uint8Array(request.length) })
    expect(seed.model()!.wasted).toBe(0)
  })

  it('fetches what is newly wanted, of seeds too that were let go', () => {
    const fixture = checkedFixture({
      pieces: 4,
      files: [2, 2],
      priorities: [4, 0],
      peers: [{ host: '10.9.9.9', port: 6_881 }],
      trackers: TRACKERS,
    })
    const [dial] = fixture.effectsOf('Dial')
    const seed = fixture.peer({ has: 'all', direction: 'outgoing', key: dial!.peer, host: '10.9.9.9' })
    seed.says(UNCHOKE)
    drain(seed)
    expect(seed.closedFor()).toEqual({ _tag: 'NotNeeded', why: 'both-seeds' })
    fixture.pass(60_000)
    expect(fixture.effectsOf('Dial'), 'it is of no use for now').toHaveLength(1)
    expect(fixture.effectsOf('Announce').some(({ request }) => request.event === 'completed')).toBe(false)

    choose(fixture, 4, 4)
    expect(fixture.model.phase).toBe('downloading')
    expect(fixture.model.isFlushed).toBe(false)
    expect(fixture.effectsOf('Dial')).toHaveLength(2)
    const again = fixture.peer({ has: 'all', direction: 'outgoing', key: fixture.effectsOf('Dial')[1]!.peer })
    again.says(UNCHOKE)
    drain(again)
    expect(drawHave(fixture)).toBe('xxxx')
    expect(fixture.noticesOf('Completed')).toHaveLength(2)
    expect(fixture.model.hasCompleted).toBe(true)
  })

  it('announces all that is not had as left, wanted or not', () => {
    const fixture = checkedFixture({
      pieces: 4,
      files: [2, 2],
      priorities: [4, 0],
      have: 'xx..',
      trackers: TRACKERS,
    })
    expect(fixture.model.phase).toBe('seeding')
    const [started] = fixture.effectsOf('Announce')
    expect(started!.request).toMatchObject({ event: 'started', left: 2 * 32_768 })
  })

  it('says HaveAll only of everything, and serves what it has', () => {
    const fixture = checkedFixture({ pieces: 4, files: [2, 2], priorities: [4, 0], have: 'xx..' })
    const leech = fixture.peer({ has: '0000' })
    expect(leech.toldOf('HaveAll')).toEqual([])
    expect(leech.toldOf('Bitfield')).toHaveLength(1)
    leech.says({ _tag: 'Interested' })
    leech.says({ _tag: 'Request', piece: 1, begin: 0, length: 16_384 })
    expect(fixture.effectsOf('ServeBlocks')).toMatchObject([{ piece: 1, begin: 0, length: 16_384 }])
    expect(fixture.model.phase).toBe('seeding')
  })

  it('tells peers whether they are of interest now', () => {
    const fixture = checkedFixture({ pieces: 4, files: [2, 2] })
    const [first, second] = [fixture.peer({ has: '1100' }), fixture.peer({ has: '0010' })]
    choose(fixture, 0, 4)
    expect(first.told.at(-1)).toEqual({ _tag: 'NotInterested' })
    choose(fixture, 4, 0)
    expect(first.told.at(-1)).toEqual({ _tag: 'Interested' })
    expect(second.told.at(-1)).toEqual({ _tag: 'NotInterested' })
  })

  it('keeps a whole piece that is on its way to the disk, and is done without it', () => {
    const fixture = checkedFixture({ pieces: 2, blocks: 1, files: [1, 1], hasQuickDisk: false })
    const seed = fixture.peer({ has: 'all' })
    seed.says(UNCHOKE)
    seed.gives(2)
    const other = fixture.pending.findIndex((effect) => effect._tag === 'VerifyPiece' && effect.piece === 1)
    choose(fixture, 4, 0)
    while (fixture.pending.length > 1 || fixture.pending[0]?._tag !== 'VerifyPiece') {
      const at = fixture.pending.findIndex((effect) => !('piece' in effect) || effect.piece === 0)
      if (at < 0) break
      fixture.answerDisk(undefined, at)
    }
    expect(other).toBeGreaterThanOrEqual(0)
    expect(fixture.model.phase).toBe('seeding')
    expect(fixture.noticesOf('Completed')).toHaveLength(1)
    expect(fixture.effectsOf('DropSlots'), 'a slot is in use').toEqual([])
    while (fixture.pending.length > 0) fixture.answerDisk()
    expect(drawHave(fixture)).toBe('xx')
    expect(fixture.effectsOf('DropSlots')).toHaveLength(1)
    expect(fixture.noticesOf('Completed')).toHaveLength(1)
    expect(createSnapshots()(fixture.model).progress).toMatchObject({ isDone: true, isComplete: true })
  })

  it('keeps what was written through of a large piece, for when it is wanted again', () => {
    const fixture = checkedFixture({ pieces: 2, blocks: 1_025, files: [1, 1], priorities: [4, 0] })
    const seed = fixture.peer({ has: 'all' })
    seed.says(UNCHOKE)
    seed.gives(20)
    expect(piecesOwed(seed)).toEqual([0])
    choose(fixture, 0, 4)
    expect(piecesOwed(seed)).toEqual([1])
    choose(fixture, 4, 0)
    expect(piecesOwed(seed)).toEqual([0])
    expect(fixture.model.downloads.byPiece.get(0)!.received).toBe(20)
  })

  it('flushes after all that is wanted was written, not before', () => {
    const fixture = checkedFixture({
      pieces: 2,
      blocks: 1,
      files: [1, 1],
      priorities: [4, 0],
      hasQuickDisk: false,
    })
    const seed = fixture.peer({ has: '11', port: 1 })
    seed.says(UNCHOKE)
    seed.gives(1)
    fixture.answerDisk()
    fixture.answerDisk()
    expect(fixture.pending.map(({ _tag }) => _tag)).toEqual(['Flush'])
    choose(fixture, 4, 4)
    seed.gives(1)
    const flush = fixture.pending.findIndex(({ _tag }) => _tag === 'Flush')
    const [first] = fixture.pending.splice(flush, 1)
    fixture.answerDisk()
    fixture.answerDisk()
    fixture.pending.unshift(first!)
    fixture.answerDisk()
    expect(fixture.model.isFlushed, 'the answer to the first flush').toBe(false)
    fixture.answerDisk()
    expect(fixture.model.isFlushed).toBe(true)
  })

  it.each([
    [[4], '1 priorities for 2 files'],
    [[4, 9], 'priority of file 1 is not one of 0 to 7'],
  ])('refuses %j, and changes nothing', (priorities, why) => {
    const fixture = checkedFixture({ pieces: 4, files: [2, 2], priorities: [4, 0] })
    choose(fixture, ...priorities)
    expect(fixture.noticesOf('CommandRefused')).toMatchObject([{ command: { priorities }, why }])
    expect([...fixture.model.table.priority]).toEqual([4, 4, 0, 0])
    expect(selections(fixture)).toEqual(['10'])
  })

  it('tells the storage each change of what is wanted, and that everything is again', () => {
    const fixture = checkedFixture({ pieces: 4, files: [2, 2] })
    choose(fixture, 4, 0)
    choose(fixture, 7, 0)
    choose(fixture, 0, 1)
    choose(fixture, 4, 4)
    expect(selections(fixture)).toEqual(['10', '01', '11'])
  })

  it('tells it again when it could not while the data was being checked', () => {
    const { config } = sessionFixture({ pieces: 4, files: [2, 2], priorities: [4, 0] })
    const model = createModel(config, 0)
    turn(model, { _tag: 'Started', at: 0 })
    turn(model, { _tag: 'StorageOpened', at: 0 })
    const error = storageFault({ operation: 'open', code: 'ENOSPC' })
    turn(model, { _tag: 'StorageFailed', at: 0, piece: -1, bytes: 0, error })
    expect(model.phase).toBe('stalled')
    turn(model, { _tag: 'PiecesChecked', at: 0, first: 0, ok: new Uint8Array(4) })
    expect(model.phase).toBe('stalled')
    const { effects } = turn(model, { _tag: 'Tick', at: 31_000 })
    expect(effects[0]).toEqual({ _tag: 'SelectFiles', wanted: [true, false] })
    expect(model.phase).toBe('downloading')
  })

  it('tells it again when it could not', () => {
    const fixture = checkedFixture({ pieces: 4, files: [2, 2] })
    choose(fixture, 4, 0)
    const error = storageFault({ operation: 'open', code: 'ENOSPC' })
    fixture.feed({ _tag: 'StorageFailed', at: fixture.now(), piece: -1, bytes: 0, error })
    expect(fixture.model.phase).toBe('stalled')
    fixture.pass(31_000)
    expect(fixture.model.phase).toBe('downloading')
    expect(selections(fixture)).toEqual(['10', '10'])
    expect(fixture.effectsOf('OpenStorage')).toHaveLength(1)
  })
})

type Step =
  | { readonly _tag: 'Choose'; readonly priorities: ReadonlyArray<number> }
  | { readonly _tag: 'Window'; readonly id: number; readonly first: number; readonly length: number }
  | { readonly _tag: 'Clear'; readonly id: number }
  | { readonly _tag: 'Give'; readonly peer: number; readonly count: number; readonly isBad: boolean }
  | { readonly _tag: 'Refuse' | 'Choke' | 'Unchoke' | 'Have'; readonly peer: number; readonly piece: number }
  | { readonly _tag: 'Pass'; readonly ms: number }

const PIECES = 12
const peerIndex = fc.nat(2)
const piece = fc.nat(PIECES - 1)

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    _tag: fc.constant('Choose' as const),
    priorities: fc.array(fc.constantFrom(0, 0, 1, 4, 7), { minLength: 4, maxLength: 4 }),
  }),
  fc.record({ _tag: fc.constant('Window' as const), id: fc.nat(1), first: piece, length: fc.nat(4) }),
  fc.record({ _tag: fc.constant('Clear' as const), id: fc.nat(1) }),
  fc.record({
    _tag: fc.constant('Give' as const),
    peer: peerIndex,
    count: fc.nat(20),
    isBad: fc.constantFrom(false, false, false, true),
  }),
  fc.record({
    _tag: fc.constantFrom('Refuse' as const, 'Choke' as const, 'Unchoke' as const, 'Have' as const),
    peer: peerIndex,
    piece,
  }),
  fc.record({ _tag: fc.constant('Pass' as const), ms: fc.constantFrom(250, 1_000, 25_000) }),
)

describe('whatever is chosen while it runs', () => {
  test.prop([fc.array(anyStep, { maxLength: 60, size: 'max' }), fc.boolean()], { numRuns: 150 })(
    'the counts are right, and only what is wanted is asked for',
    (steps, isLarge) => {
      // The invariants are checked after every turn.
      const fixture = checkedFixture({
        pieces: PIECES,
        blocks: isLarge ? 1_025 : 4,
        files: [2.5, 3, 0, 6.5],
      })
      const peers = [
        fixture.peer({ has: 'all' }),
        fixture.peer({ has: '101010101010' }),
        fixture.peer({ has: '000011110000', fast: false }),
      ]
      for (const peer of peers) peer.says(UNCHOKE)
      for (const step of steps) {
        if (step._tag === 'Choose') fixture.command({ ...step, _tag: 'SetPriorities' })
        else if (step._tag === 'Window') {
          const { id, first, length } = step
          fixture.command({ _tag: 'SetWindow', id, first, last: Math.min(PIECES - 1, first + length) })
        } else if (step._tag === 'Clear') fixture.command({ _tag: 'ClearWindow', id: step.id })
        else if (step._tag === 'Pass') fixture.pass(step.ms)
        else {
          const peer = peers[step.peer]!
          if (step._tag === 'Give') peer.gives(step.count, step.isBad)
          else if (step._tag === 'Refuse') {
            if (step.peer < 2) peer.refuses(step.piece)
          } else if (step._tag === 'Have') peer.says({ _tag: 'Have', piece: step.piece })
          else peer.says({ _tag: step._tag })
        }
      }
    },
  )
})
