import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import type { SessionCommand } from '../../../src/operators/session/command.js'
import type { SessionEffect } from '../../../src/operators/session/effect.js'
import type { SessionEvent } from '../../../src/operators/session/event.js'
import { createModel } from '../../../src/operators/session/model.js'
import type { Notice } from '../../../src/operators/session/notice.js'
import { turn } from '../../../src/operators/session/turn.js'
import { type FakePeer, type SessionFixture, sessionFixture } from '../../support/sessionFixture.js'

/** A session with a place to keep resume data, where no earlier run has left any. */
const fresh = (options: Parameters<typeof sessionFixture>[0] = {}): SessionFixture => {
  const fixture = sessionFixture({ blocks: 4, ...options })
  fixture.model.resume.isKept = true
  fixture.model.resume.first = 'due'
  return fixture
}
const saves = (fixture: SessionFixture): number => fixture.effectsOf('SaveResume').length
const saved = (fixture: SessionFixture): void => {
  fixture.feed({ _tag: 'ResumeSaved', at: fixture.now() })
}
const failed = (fixture: SessionFixture): void => {
  fixture.feed({
    _tag: 'ResumeSaveFailed',
    at: fixture.now(),
    error: { _tag: 'ResumeStoreFailed', operation: 'save', code: 'EIO' },
  })
}
const giver = (fixture: SessionFixture): FakePeer => {
  const peer = fixture.peer({ has: 'all' })
  peer.says({ _tag: 'Unchoke' })
  return peer
}

describe('the first save', () => {
  it('claims nothing, and comes before the first request', () => {
    const fixture = fresh()
    expect(saves(fixture)).toBe(0)
    const peer = giver(fixture)
    const [save] = fixture.effectsOf('SaveResume')
    expect(save!.blocks).toEqual([])
    expect(save!.claims).toMatchObject({ pieces: new Uint8Array(1), partial: [] })
    expect(peer.owed).toEqual([])
    fixture.pass(1_000)
    expect(peer.owed).toEqual([])
    saved(fixture)
    expect(peer.owed.length).toBeGreaterThan(0)
    expect(saves(fixture)).toBe(1)
  })

  it('is told that requests wait for it, the next one not, and is made again within a minute where it is not on the device', () => {
    const fixture = fresh()
    giver(fixture)
    fixture.feed({ _tag: 'ResumeSaved', at: fixture.now(), isUnsynced: true })
    fixture.pass(61_000)
    expect(fixture.effectsOf('SaveResume').map(({ isAwaited }) => isAwaited)).toEqual([true, undefined])
    const other = fresh()
    giver(other)
    saved(other)
    other.pass(61_000)
    expect(saves(other)).toBe(1)
  })

  it('is not made for those who have nothing that is wanted', () => {
    const fixture = fresh({ have: 'xxxx' })
    fixture.model.resume.nextAt = Infinity
    fixture.peer({ has: '11110000' })
    expect(saves(fixture)).toBe(0)
    fixture.peer({ has: '11111000' })
    expect(saves(fixture)).toBe(1)
  })

  it('that fails holds up nobody any more, and is not tried again at once', () => {
    const fixture = fresh()
    const peer = giver(fixture)
    failed(fixture)
    expect(peer.owed.length).toBeGreaterThan(0)
    peer.gives(4)
    giver(fixture)
    fixture.pass(20_000)
    expect(saves(fixture)).toBe(1)
    fixture.pass(45_000)
    expect(saves(fixture)).toBe(2)
  })

  it('that is not answered holds up nobody for long', () => {
    const fixture = fresh()
    const peer = giver(fixture)
    fixture.pass(1_750)
    expect(peer.owed).toEqual([])
    fixture.pass(250)
    expect(peer.owed.length).toBeGreaterThan(0)
  })

  it('is any that is under way', () => {
    const fixture = fresh()
    fixture.command({ _tag: 'SaveResume' })
    const peer = giver(fixture)
    expect(peer.owed).toEqual([])
    expect(saves(fixture)).toBe(1)
    saved(fixture)
    expect(peer.owed.length).toBeGreaterThan(0)
    expect(saves(fixture)).toBe(1)
  })

  it('is left out where resume data are there, or are not kept', () => {
    for (const isKept of [true, false]) {
      const fixture = fresh()
      fixture.model.resume.isKept = isKept
      if (isKept) fixture.model.resume.first = 'over'
      const peer = giver(fixture)
      expect(peer.owed.length).toBeGreaterThan(0)
      expect(saves(fixture)).toBe(0)
    }
  })
})

describe('the save of what has come first', () => {
  it('is due seconds after it, then a minute after the last', () => {
    const fixture = fresh()
    const peer = giver(fixture)
    saved(fixture)
    fixture.pass(9_000)
    expect(saves(fixture)).toBe(1)
    const { piece } = peer.owed[0]!
    peer.gives(4)
    fixture.pass(5_000)
    expect(saves(fixture)).toBe(1)
    fixture.pass(250)
    expect(saves(fixture)).toBe(2)
    expect(fixture.effectsOf('SaveResume')[1]!.claims.pieces).toEqual(Uint8Array.of(0x80 >> piece))
    saved(fixture)
    peer.gives(4)
    fixture.pass(59_750)
    expect(saves(fixture)).toBe(2)
    fixture.pass(250)
    expect(saves(fixture)).toBe(3)
  })

  it('is the one at the end where all has come by then', () => {
    const fixture = fresh({ pieces: 2 })
    const peer = giver(fixture)
    saved(fixture)
    peer.gives(8)
    fixture.pass(250)
    expect(saves(fixture)).toBe(2)
    saved(fixture)
    fixture.pass(20_000)
    expect(saves(fixture)).toBe(2)
  })

  it('is of blocks, where pieces are too large for memory', () => {
    const fixture = fresh({ pieces: 2, blocks: 2_048 })
    const peer = giver(fixture)
    saved(fixture)
    const { piece } = peer.owed[0]!
    peer.gives(1)
    fixture.pass(5_250)
    const [, save] = fixture.effectsOf('SaveResume')
    expect(save!.claims.partial.map(({ piece: begun }) => begun)).toEqual([piece])
  })
})

describe('files that were there before', () => {
  interface Start {
    readonly stats: ReadonlyArray<number | undefined>
    readonly have?: string
    readonly priorities?: ReadonlyArray<number>
    readonly problem?: boolean
    readonly awaitsPriorities?: boolean
    /** Said after the check. */
    readonly commands?: ReadonlyArray<SessionCommand>
  }
  /** Three files of four pieces, of those sizes at the start. */
  const started = (start: Start): ReadonlyArray<Notice> => {
    const { stats, have = '', priorities, problem = false, awaitsPriorities = false, commands = [] } = start
    const { config } = sessionFixture({ pieces: 12, files: [4, 4, 4] })
    const model = createModel(
      { ...config, isResumed: true, awaitsPriorities, ...(priorities === undefined ? {} : { priorities }) },
      0,
    )
    const notices: Notice[] = []
    const feed = (event: SessionEvent): ReadonlyArray<SessionEffect> => {
      const { effects, notices: told } = turn(model, event)
      notices.push(...told)
      return effects
    }
    feed({ _tag: 'Started', at: 0 })
    feed({ _tag: 'StorageOpened', at: 0 })
    const found = stats.map((size) => (size === undefined ? O.none : O.some({ size, mtimeMs: 1 })))
    const effects = feed({
      _tag: 'ResumeLoaded',
      at: 0,
      resume: O.none,
      stats: O.some(found),
      problem: problem ? O.some({ _tag: 'ResumeDamaged' }) : O.none,
    })
    if (effects.some(({ _tag }) => _tag === 'CheckPieces')) {
      const ok = Uint8Array.from({ length: 12 }, (_, piece) => (have[piece] === 'x' ? 1 : 0))
      feed({ _tag: 'PiecesChecked', at: 0, first: 0, ok })
    }
    for (const command of commands) feed({ _tag: 'Command', at: 0, command })
    return notices
  }
  const foreign = (start: Start): ReadonlyArray<string> =>
    started(start).flatMap((notice) => (notice._tag === 'FilesForeign' ? notice.files : []))

  it('and hold nothing of the torrent are told once, before anything is asked for', () => {
    const notices = started({ stats: [10, undefined, 100_000] })
    expect(notices.map(({ _tag }) => _tag)).toEqual(['CheckDone', 'FilesForeign'])
    expect(notices[1]).toMatchObject({ files: ['data/0', 'data/2'] })
  })

  it('are told once they are wanted, each once', () => {
    const want = (...priorities: ReadonlyArray<number>): SessionCommand => ({
      _tag: 'SetPriorities',
      priorities,
    })
    const stats = [5, 5, 5]
    const start: Start = { stats, priorities: [0, 4, 0], commands: [want(4, 4, 0), want(0, 0, 0)] }
    expect(foreign(start)).toEqual(['data/1', 'data/0'])
    expect(foreign({ stats, awaitsPriorities: true })).toEqual([])
    expect(foreign({ stats, awaitsPriorities: true, commands: [want(0, 0, 1)] })).toEqual(['data/2'])
    const readers: ReadonlyArray<SessionCommand> = [{ _tag: 'SetWindow', id: 1, first: 0, last: 1 }]
    expect(foreign({ stats, priorities: [0, 4, 0], commands: readers })).toEqual(['data/1', 'data/0'])
  })

  it.each<[string, Start, ReadonlyArray<string>]>([
    ['are empty or not there', { stats: [0, undefined, 0] }, []],
    ['hold a piece of it', { stats: [131_072, 131_072, 5], have: '...x....' }, ['data/1', 'data/2']],
    ['are not wanted', { stats: [5, 5, 5], priorities: [0, 4, 0] }, ['data/1']],
    ['were written by a run whose resume data are lost', { stats: [5, 5, 5], problem: true }, []],
  ])('and %s are not', (_, start, files) => {
    expect(foreign(start)).toEqual(files)
  })
})
