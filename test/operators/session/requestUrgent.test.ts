import { describe, expect, it } from 'vitest'
import type { WireMessage } from '../../../src/codecs/wire/message.js'
import { rarestFirst } from '../../../src/operators/piece/rarestFirst.js'
import { sequential } from '../../../src/operators/piece/sequential.js'
import { SESSION_LIMITS } from '../../../src/operators/session/limits.js'
import { checkedFixture } from '../../support/checkedFixture.js'
import { type FakePeer, type SessionFixture, sessionFixture } from '../../support/sessionFixture.js'

const UNCHOKE: WireMessage = { _tag: 'Unchoke' }

const read = (fixture: SessionFixture, first: number, last: number, id = 1): void => {
  fixture.command({ _tag: 'SetWindow', id, first, last })
}

const done = (fixture: SessionFixture): ReadonlyArray<number> =>
  fixture.noticesOf('PieceDone').map(({ piece }) => piece)

/** Pieces in the order in which they were first asked for. */
const begun = (...peers: ReadonlyArray<FakePeer>): ReadonlyArray<number> => [
  ...new Set(peers.flatMap((peer) => peer.toldOf('Request').map(({ piece }) => piece))),
]

describe('a window', () => {
  it('is fetched in order, before anything else', () => {
    const fixture = checkedFixture({ pieces: 40, blocks: 4 })
    read(fixture, 20, 29)
    const seed = fixture.peer({ has: 'all' })
    seed.says(UNCHOKE)
    while (seed.owed.length > 0) seed.gives(1)
    expect(begun(seed).slice(0, 10)).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29])
    expect(done(fixture).slice(0, 10)).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28, 29])
    expect(done(fixture)).toHaveLength(40)
  })

  it.each([8, 40])('is fetched in order by %i peers together, each of which has its part', (count) => {
    const fixture = sessionFixture({ pieces: 1_000, blocks: 16 })
    const peers = Array.from({ length: count }, (_, peer) =>
      fixture.peer({
        has: Array.from({ length: 1_000 }, (_bit, piece) => ((piece + peer) % 3 === 0 ? '0' : '1')).join(''),
      }),
    )
    for (const peer of peers) peer.says(UNCHOKE)
    const giveAll = (): void => {
      for (const peer of peers) peer.gives(4)
      fixture.pass(250)
    }
    for (let i = 0; i < 10; i++) giveAll()
    const before = new Set(begun(...peers))
    const window = Array.from({ length: 40 }, (_, i) => 100 + i).filter((piece) => !before.has(piece))
    read(fixture, 100, 139)
    const isHad = (piece: number): boolean => fixture.model.table.status[piece] === 3
    while (!window.every(isHad)) giveAll()
    const order = done(fixture).filter((piece) => window.includes(piece))
    const displacement = order.map((piece, at) => Math.abs(window.indexOf(piece) - at))
    expect(order.length).toBeGreaterThan(20)
    expect(Math.max(...displacement)).toBeLessThan(8)
  })

  it('moves on with its reader, who waits for no more than was asked for already', () => {
    const fixture = checkedFixture({ pieces: 60, blocks: 32 })
    const seed = fixture.peer({ has: 'all' })
    read(fixture, 30, 31)
    seed.says(UNCHOKE)
    for (let at = 30; at < 50; at++) {
      read(fixture, at, at + 1)
      const owed = seed.owed.length
      let given = 0
      for (; fixture.model.table.status[at] !== 3; given++) seed.gives(1)
      expect(given).toBeLessThanOrEqual(owed + 32)
    }
  })

  it('comes first with any policy, by its priority', () => {
    const fixture = checkedFixture({ pieces: 20, blocks: 32, policies: { piece: rarestFirst } })
    read(fixture, 7, 8)
    const seed = fixture.peer({ has: 'all' })
    seed.says(UNCHOKE)
    for (let i = 0; i < 64; i++) seed.gives(1)
    expect(done(fixture).toSorted((a, b) => a - b)).toEqual([7, 8])
  })

  it('makes a policy of the user begin nothing beside what is under way', () => {
    const fixture = checkedFixture({ pieces: 20, blocks: 64, policies: { piece: sequential } })
    const seed = fixture.peer({ has: 'all' })
    seed.says(UNCHOKE)
    read(fixture, 15, 16)
    for (let i = 0; i < 40; i++) seed.gives(1)
    expect(begun(seed)).toEqual([0, 1])
  })

  it('wants what is not selected, while it lasts', () => {
    const fixture = checkedFixture({
      pieces: 8,
      blocks: 16,
      files: [4, 4],
      priorities: [4, 0],
      have: 'xxxx....',
    })
    expect(fixture.model.phase).toBe('seeding')
    const seed = fixture.peer({ has: '00001111' })
    seed.says(UNCHOKE)
    expect(seed.owed).toEqual([])
    read(fixture, 5, 6)
    expect(fixture.model.phase).toBe('downloading')
    expect(begun(seed)).toEqual([5, 6])
    seed.gives(16)
    expect(done(fixture)).toEqual([5])
    fixture.command({ _tag: 'ClearWindow', id: 1 })
    expect(seed.owed).toEqual([])
    expect(seed.told.at(-1)).toEqual({ _tag: 'NotInterested' })
    expect(fixture.model.phase).toBe('seeding')
    expect(fixture.effectsOf('SelectFiles').map(({ wanted }) => wanted)).toEqual([[true, false]])
  })

  it('leaves to each of several readers its next piece in turn', () => {
    const fixture = checkedFixture({ pieces: 40, blocks: 4 })
    read(fixture, 10, 14, 1)
    read(fixture, 30, 32, 2)
    const seed = fixture.peer({ has: 'all' })
    seed.says(UNCHOKE)
    expect(begun(seed).slice(0, 8)).toEqual([10, 30, 11, 31, 12, 32, 13, 14])
    fixture.command({ _tag: 'ClearWindow', id: 2 })
    expect([...fixture.model.table.priority.subarray(29, 34)]).toEqual([4, 4, 4, 4, 4])
    expect(fixture.model.table.priority[10]).toBe(7)
  })

  it('takes the slot of what has come least far when memory is short', () => {
    // 64 MiB at most: four pieces of 16 MiB.
    const fixture = checkedFixture({ pieces: 12, blocks: 1_024 })
    const peers = Array.from({ length: 3 }, () => fixture.peer({ has: 'all' }))
    const lone = Array.from({ length: 4 }, (_, piece) =>
      fixture.peer({ has: Array.from({ length: 12 }, (_bit, its) => (its === piece ? '1' : '0')).join('') }),
    )
    for (const peer of lone) peer.says(UNCHOKE)
    lone.forEach((peer, at) => peer.gives(at === 2 ? 1 : 5))
    expect(fixture.model.freeSlots).toEqual([])
    read(fixture, 9, 9)
    for (const peer of peers) peer.says(UNCHOKE)
    expect(peers.flatMap((peer) => peer.owed).some(({ piece }) => piece === 9)).toBe(true)
    expect(fixture.model.downloads.byPiece.has(2)).toBe(false)
    expect(lone[2]!.owed).toEqual([])
    expect(lone[2]!.toldOf('Cancel').length).toBeGreaterThan(0)
  })

  it('does not wait for the slowest: its next piece is asked of a second peer', () => {
    const fixture = checkedFixture({ pieces: 20, blocks: 8 })
    read(fixture, 3, 3)
    const slow = fixture.peer({ has: 'all' })
    slow.says(UNCHOKE)
    const quick = fixture.peer({ has: 'all' })
    quick.says(UNCHOKE)
    expect(quick.owed.some(({ piece }) => piece === 3)).toBe(false)
    for (let ms = 0; ms <= SESSION_LIMITS.urgentMs; ms += 250) {
      quick.gives(1)
      fixture.pass(250)
    }
    for (let i = 0; i < 100 && done(fixture).indexOf(3) < 0; i++) quick.gives(8)
    expect(done(fixture)).toContain(3)
    expect(slow.toldOf('Cancel').filter(({ piece }) => piece === 3)).toHaveLength(8)
  })

  it('is not given to a peer that leaves us waiting', () => {
    const fixture = checkedFixture({ pieces: 20, blocks: 4 })
    const silent = fixture.peer({ has: 'all' })
    silent.says(UNCHOKE)
    fixture.pass(SESSION_LIMITS.snubMs + 500)
    const before = begun(silent).length
    read(fixture, 10, 12)
    silent.says({ _tag: 'KeepAlive' })
    expect(begun(silent).length).toBe(before)
  })

  it.each([
    [-1, 2],
    [3, 2],
    [0, 20],
    [0.5, 2],
    [0, NaN],
  ])('from %d to %d is refused', (first, last) => {
    const fixture = checkedFixture({ pieces: 20 })
    read(fixture, first, last)
    expect(fixture.noticesOf('CommandRefused')).toMatchObject([{ command: { _tag: 'SetWindow' } }])
    expect(fixture.model.windows.byId.size).toBe(0)
  })
})
