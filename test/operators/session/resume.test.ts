import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { createBits, setBit } from '../../../src/operators/piece/bitfield.js'
import type { ResumeData } from '../../../src/codecs/resume.js'
import type { SessionCommand } from '../../../src/operators/session/command.js'
import type { SessionEffect } from '../../../src/operators/session/effect.js'
import type { SessionEvent } from '../../../src/operators/session/event.js'
import { createModel, type SessionConfig, type SessionModel } from '../../../src/operators/session/model.js'
import { turn } from '../../../src/operators/session/turn.js'
import { markResumeChanged, removeResume, saveResume } from '../../../src/operators/session/saveResume.js'
import { type SessionFixture, sessionFixture, storageFault } from '../../support/sessionFixture.js'

/** A session with a place to keep resume data, its check over. */
const keeping = (have = ''): SessionFixture => {
  const fixture = sessionFixture({ have, blocks: 4 })
  fixture.model.resume.isKept = true
  return fixture
}
const saves = (fixture: SessionFixture): number => fixture.effectsOf('SaveResume').length
const saved = (fixture: SessionFixture): void => {
  fixture.feed({ _tag: 'ResumeSaved', at: fixture.now() })
}

/** Of two files, neither of which was there. */
const nothing: ResumeData = {
  infohash: new Uint8Array(20).fill(7),
  pieces: Uint8Array.of(0),
  blockLength: 16_384,
  partial: [],
  priorities: [4, 4],
  peers: [],
  trackers: [],
  unsynced: O.none,
  removedTrackers: [],
  renamed: [],
  totals: { downloaded: 0, uploaded: 0 },
  files: [O.none, O.none],
  addedAt: 0,
}

/** As when payload has come to rest. */
const saveAll = ({
  model,
}: SessionFixture): (SessionEffect & { readonly _tag: 'SaveResume' }) | undefined => {
  model.effects = []
  const { desired } = model
  model.desired = 'paused'
  saveResume(model, 'all')
  model.desired = desired
  return model.effects.find((effect) => effect._tag === 'SaveResume')
}

describe('saving resume data', () => {
  it('is asked for once at a time; what was asked for meanwhile comes after', () => {
    const fixture = keeping('xx')
    fixture.command({ _tag: 'SaveResume' })
    fixture.command({ _tag: 'SaveResume' })
    fixture.command({ _tag: 'SaveResume' })
    expect(saves(fixture)).toBe(1)
    saved(fixture)
    expect(saves(fixture)).toBe(2)
    saved(fixture)
    expect(saves(fixture)).toBe(2)
    expect(fixture.noticesOf('ResumeSaved').length).toBe(2)
  })

  it('claims pieces that are written, not those that are on their way', () => {
    const fixture = sessionFixture({ blocks: 2, hasQuickDisk: false })
    fixture.model.resume.isKept = true
    const peer = fixture.peer({ has: 'all' })
    peer.says({ _tag: 'Unchoke' })
    const { piece } = peer.owed[0]!
    peer.gives(2)
    fixture.answerDisk() // the hash is right
    fixture.command({ _tag: 'SaveResume' })
    fixture.answerDisk() // and now it is written
    saved(fixture)
    fixture.command({ _tag: 'SaveResume' })
    const [before, after] = fixture.effectsOf('SaveResume').map(({ claims }) => claims)
    const bits = createBits(8)
    expect(before!.pieces).toEqual(bits)
    expect(before!.partial).toEqual([])
    setBit(bits, piece)
    expect(after!.pieces).toEqual(bits)
  })

  it('has the blocks of pieces begun written first where it is to save all, and asks for none meanwhile', () => {
    const fixture = keeping()
    const peer = fixture.peer({ has: 'all' })
    peer.says({ _tag: 'Unchoke' })
    const { piece } = peer.owed[0]!
    peer.gives(2)
    const save = saveAll(fixture)
    const blocks = Uint8Array.of(0b1100_0000)
    expect(save!.blocks).toEqual([{ piece, slot: expect.any(Number) as number, blocks, blockLength: 16_384 }])
    expect(save!.claims.partial).toEqual([{ piece, blocks }])
    const other = fixture.peer({ has: 'all' })
    other.says({ _tag: 'Unchoke' })
    expect(other.toldOf('Request')).toEqual([])
    fixture.feed({ _tag: 'BlocksStored', at: fixture.now(), pieces: [piece] })
    expect(other.toldOf('Request').length).toBeGreaterThan(0)
    saved(fixture)
    // What is there is not written again.
    const again = saveAll(fixture)!
    expect(again.blocks).toEqual([])
    expect(again.claims.partial).toEqual([{ piece, blocks }])
  })

  it('takes no block for written that came while the others were', () => {
    const fixture = keeping()
    const peer = fixture.peer({ has: 'all' })
    peer.says({ _tag: 'Unchoke' })
    const { piece } = peer.owed[0]!
    peer.gives(1)
    expect(saveAll(fixture)!.blocks).toMatchObject([{ piece, blocks: Uint8Array.of(0b1000_0000) }])
    peer.gives(1)
    fixture.feed({ _tag: 'BlocksStored', at: fixture.now(), pieces: [piece] })
    expect(fixture.model.downloads.byPiece.get(piece)!.stored).toEqual(Uint8Array.of(0b1000_0000))
  })

  it('that was to come after another writes no slot where payload moves again by then', () => {
    const fixture = keeping()
    const peer = fixture.peer({ has: 'all' })
    peer.says({ _tag: 'Unchoke' })
    peer.gives(2)
    fixture.command({ _tag: 'SaveResume' })
    fixture.command({ _tag: 'SetDesired', desired: 'paused' })
    peer.refuses(peer.toldOf('Cancel').length)
    peer.says(...peer.toldOf('Cancel').map((cancel) => ({ ...cancel, _tag: 'RejectRequest' as const })))
    expect(fixture.model.phase).toBe('paused')
    fixture.command({ _tag: 'SetDesired', desired: 'running' })
    expect(fixture.model.phase).toBe('downloading')
    saved(fixture)
    expect(fixture.effectsOf('SaveResume').map(({ blocks }) => blocks)).toEqual([[], []])
  })

  it('says how long the blocks are that it writes', () => {
    const fixture = keeping()
    const peer = fixture.peer({ has: 'all' })
    peer.says({ _tag: 'Unchoke' })
    fixture.command({ _tag: 'SetBlockLength', blockLength: 4_096 })
    const { piece } = peer.owed[0]!
    peer.gives(2)
    const save = saveAll(fixture)!
    expect(save.claims.blockLength).toBe(4_096)
    expect(save.blocks).toMatchObject([{ piece, blocks: Uint8Array.of(0b1100_0000, 0), blockLength: 4_096 }])
  })

  it('is due when something else has changed, too', () => {
    const fixture = keeping('xxxxxxxx')
    fixture.pass(1_000)
    expect(saves(fixture)).toBe(1)
    saved(fixture)
    fixture.pass(120_000)
    expect(saves(fixture)).toBe(1)
    markResumeChanged(fixture.model)
    fixture.pass(1_000)
    expect(saves(fixture)).toBe(2)
  })

  it('comes once more for what is not on the device, a minute later or at a later end, and not before', () => {
    const unsynced = (): SessionFixture => {
      const fixture = keeping('xxxxxxxx')
      fixture.pass(1_000)
      saved(fixture)
      fixture.command({ _tag: 'SaveResume' })
      fixture.feed({ _tag: 'ResumeSaved', at: fixture.now(), isUnsynced: true })
      return fixture
    }
    const reaches = (fixture: SessionFixture): ReadonlyArray<string> =>
      fixture.effectsOf('SaveResume').map(({ reach }) => reach)
    const goesOn = unsynced()
    goesOn.pass(58_000)
    expect(reaches(goesOn)).toEqual(['device', 'system'])
    goesOn.pass(3_000)
    expect(reaches(goesOn)).toEqual(['device', 'system', 'device'])
    const ends = unsynced()
    ends.command({ _tag: 'Stop' })
    expect(saves(ends)).toBe(2)
    expect(ends.model.phase).toBe('stopped')
    const endsLater = unsynced()
    endsLater.wait(61_000)
    endsLater.command({ _tag: 'Stop' })
    expect(reaches(endsLater)).toEqual(['device', 'system', 'device'])
  })

  it('comes at the end for blocks that came since the last one, whether that reached the device or not', () => {
    for (const isUnsynced of [true, false]) {
      const fixture = keeping()
      const peer = fixture.peer({ has: 'all' })
      peer.says({ _tag: 'Unchoke' })
      peer.gives(4)
      fixture.pass(100)
      peer.gives(2)
      fixture.pass(10_000)
      const before = saves(fixture)
      expect(before).toBeGreaterThan(0)
      fixture.feed({ _tag: 'ResumeSaved', at: fixture.now(), isUnsynced })
      fixture.command({ _tag: 'Stop' })
      const { claims, blocks } = fixture.effectsOf('SaveResume').slice(before)[0]!
      expect(blocks.length).toBe(1)
      expect(claims.partial.length).toBe(1)
    }
  })

  it('comes at the end for blocks that were written since the last one', () => {
    const fixture = sessionFixture({ blocks: 1_100, pieces: 3, hasQuickDisk: false })
    fixture.model.resume.isKept = true
    const peer = fixture.peer({ has: 'all' })
    peer.says({ _tag: 'Unchoke' })
    peer.gives(2)
    fixture.command({ _tag: 'SaveResume' })
    saved(fixture)
    fixture.answerDisk()
    fixture.command({ _tag: 'Stop' })
    const [before, after] = fixture.effectsOf('SaveResume').map(({ claims }) => claims.partial)
    expect([before!.length, after!.length]).toEqual([0, 1])
  })

  it('is told that somebody waits for it when all is there, and at the end', () => {
    const awaited = (fixture: SessionFixture): ReadonlyArray<unknown> =>
      fixture.effectsOf('SaveResume').map(({ isAwaited }) => isAwaited)
    const fixture = keeping('xxxxxx')
    fixture.command({ _tag: 'SaveResume' })
    saved(fixture)
    const peer = fixture.peer({ has: 'all' })
    peer.says({ _tag: 'Unchoke' })
    peer.gives(8)
    fixture.pass(1_000)
    expect(awaited(fixture)).toEqual([undefined, true])
    saved(fixture)
    markResumeChanged(fixture.model)
    fixture.command({ _tag: 'SaveResume' })
    saved(fixture)
    fixture.model.uploaded += 1
    fixture.command({ _tag: 'Stop' })
    expect(awaited(fixture)).toEqual([undefined, true, undefined, true])
    // None would follow, by which it comes to the device.
    for (const isPaused of [true, false]) {
      const whole = keeping('xxxxxxxx')
      if (isPaused) whole.model.desired = 'paused'
      whole.command({ _tag: 'SaveResume' })
      expect(awaited(whole)).toEqual([isPaused ? undefined : true])
    }
  })

  it('holds up the end until it is over, well or badly', () => {
    for (const isGood of [true, false]) {
      const fixture = keeping('xx')
      fixture.command({ _tag: 'SaveResume' })
      fixture.command({ _tag: 'Stop' })
      expect(fixture.model.phase).toBe('stopping')
      saved(fixture)
      expect(saves(fixture)).toBe(2)
      expect(fixture.model.phase).toBe('stopping')
      if (isGood) saved(fixture)
      else {
        const error = storageFault({ operation: 'flush' })
        fixture.feed({ _tag: 'ResumeSaveFailed', at: fixture.now(), error })
        expect(fixture.noticesOf('ResumeSaveFailed')).toMatchObject([{ error }])
      }
      expect(fixture.model.phase).toBe('stopped')
    }
  })

  it('holds up the end no longer than anything else', () => {
    const fixture = keeping('xx')
    fixture.command({ _tag: 'Stop' })
    fixture.pass(5_000)
    expect(fixture.model.phase).toBe('stopped')
  })
})

describe('names', () => {
  const resumed = (known: ResumeData['renamed'], kept: ResumeData['renamed']): SessionModel => {
    const { config } = sessionFixture({ files: [4, 4] })
    const model = createModel({ ...config, isResumed: true }, 0)
    turn(model, { _tag: 'Started', at: 0 })
    turn(model, { _tag: 'StorageOpened', at: 0, renamed: known })
    const resume: ResumeData = { ...nothing, renamed: kept }
    const stats = O.some([O.none, O.none])
    turn(model, { _tag: 'ResumeLoaded', at: 0, resume: O.some(resume), stats, problem: O.none })
    return model
  }
  const x = { file: 1, path: ['x'] }
  const y = { file: 1, path: ['y'] }

  it.each([
    ['the same as were saved are no news', [x], [x], false],
    ['none, as were saved, are no news', [], [], false],
    ['that the storage knew better are saved', [x], [y], true],
    ['that are forgotten are saved', [], [x], true],
  ])('%s', (_, known, kept, isNews) => {
    const model = resumed(known, kept)
    expect(model.resume.isChanged).toBe(isNews)
    expect([...model.renamed].map(([file, path]) => ({ file, path }))).toEqual(known)
  })
})

describe('priorities', () => {
  /** A session of two files, up to where its resume data come: those of a run that wanted the second one only. */
  const resumed = (
    options: Partial<SessionConfig>,
    command?: SessionCommand,
  ): {
    readonly model: SessionModel
    readonly effects: SessionEffect[]
    readonly feed: (event: SessionEvent) => void
  } => {
    const { config } = sessionFixture({ files: [4, 4] })
    const model = createModel({ ...config, ...options, isResumed: true }, 0)
    const effects: SessionEffect[] = []
    const feed = (event: SessionEvent): void => {
      effects.push(...turn(model, event).effects)
    }
    feed({ _tag: 'Started', at: 0 })
    feed({ _tag: 'StorageOpened', at: 0 })
    if (command !== undefined) feed({ _tag: 'Command', at: 0, command })
    const data: ResumeData = {
      ...nothing,
      pieces: Uint8Array.of(0b1000_1000),
      partial: [
        { piece: 2, blocks: Uint8Array.of(0b1000_0000) },
        { piece: 6, blocks: Uint8Array.of(0b1000_0000) },
      ],
      priorities: [0, 7],
    }
    const stats = O.some([O.none, O.none])
    feed({ _tag: 'ResumeLoaded', at: 0, resume: O.some(data), stats, problem: O.none })
    return { model, effects, feed }
  }
  const tags = (effects: ReadonlyArray<SessionEffect>, ...of: ReadonlyArray<string>): ReadonlyArray<string> =>
    effects.map(({ _tag }) => _tag).filter((tag) => of.includes(tag))
  const checked: SessionEvent = { _tag: 'PiecesChecked', at: 0, first: 0, ok: Uint8Array.of(1) }
  const checkedToo: SessionEvent = { _tag: 'PiecesChecked', at: 0, first: 4, ok: Uint8Array.of(1) }

  it('of an earlier run are in force before anything is looked for', () => {
    const { model, effects, feed } = resumed({})
    expect(tags(effects, 'LoadResume', 'SelectFiles', 'CheckPieces')).toEqual([
      'LoadResume',
      'SelectFiles',
      'CheckPieces',
    ])
    expect(effects).toContainEqual({ _tag: 'SelectFiles', wanted: [false, true] })
    feed(checked)
    feed(checkedToo)
    expect(model.stage).toBe('open')
    expect([...model.table.priority]).toEqual([0, 0, 0, 0, 7, 7, 7, 7])
    expect([model.table.wantedPieces, model.table.wantedHave, model.table.havePieces]).toEqual([4, 1, 2])
    // Only what is wanted is gone on with.
    expect(effects.flatMap((effect) => (effect._tag === 'FillSlot' ? [effect.piece] : []))).toEqual([6])
  })

  it.each<[string, Partial<SessionConfig>, SessionCommand | undefined]>([
    ['options', { priorities: [4, 1] }, undefined],
    ['a word of the user', {}, { _tag: 'SetPriorities', priorities: [4, 1] }],
  ])('of an earlier run do not count against %s', (_, options, command) => {
    const { model, effects } = resumed(options, command)
    expect([...model.filePriorities]).toEqual([4, 1])
    expect(tags(effects, 'SelectFiles')).toEqual([])
    expect(model.resume.isChanged).toBe(true)
  })

  it('that are still to come are those of the earlier run until then, and nothing is asked for', () => {
    const { model, effects, feed } = resumed({ awaitsPriorities: true })
    feed(checked)
    feed(checkedToo)
    expect([...model.filePriorities]).toEqual([0, 7])
    expect(model.awaitsPriorities).toBe(true)
    feed({ _tag: 'Command', at: 0, command: { _tag: 'SaveResume' } })
    const save = effects.find((effect) => effect._tag === 'SaveResume')
    expect(save!.claims.partial.map(({ piece }) => piece)).toEqual([2, 6])
    expect(tags(effects, 'FillSlot')).toEqual([])
    feed({ _tag: 'Command', at: 0, command: { _tag: 'SetPriorities', priorities: [4, 4] } })
    expect(tags(effects, 'FillSlot')).toEqual(['FillSlot', 'FillSlot'])
    expect(model.awaitsPriorities).toBe(false)
  })

  it('are news, and saved as they are', () => {
    const fixture = sessionFixture({ files: [4, 4], have: 'xxxx' })
    fixture.model.resume.isKept = true
    fixture.pass(1_000)
    saved(fixture)
    fixture.pass(120_000)
    const before = saves(fixture)
    fixture.command({ _tag: 'SetPriorities', priorities: [4, 0] })
    fixture.pass(61_000)
    expect(saves(fixture)).toBe(before + 1)
    expect(fixture.effectsOf('SaveResume').at(-1)!.claims.priorities).toEqual([4, 0])
  })
})

describe('removing resume data', () => {
  it('is for good: nothing is saved any more, not at the end either', () => {
    const fixture = keeping('xx')
    fixture.command({ _tag: 'SaveResume' })
    fixture.command({ _tag: 'SaveResume' })
    removeResume(fixture.model)
    expect(fixture.model.effects).toContainEqual({ _tag: 'RemoveResume' })
    saved(fixture)
    fixture.command({ _tag: 'SaveResume' })
    fixture.command({ _tag: 'Stop' })
    expect(fixture.model.phase).toBe('stopping')
    fixture.feed({ _tag: 'ResumeRemoved', at: fixture.now(), problem: O.none })
    expect(fixture.model.phase).toBe('stopped')
    expect(saves(fixture)).toBe(1)
  })

  it('that fails is told', () => {
    const fixture = keeping()
    removeResume(fixture.model)
    const error = { _tag: 'ResumeStoreFailed', operation: 'remove', code: 'EACCES' } as const
    fixture.feed({ _tag: 'ResumeRemoved', at: fixture.now(), problem: O.some(error) })
    expect(fixture.noticesOf('ResumeSaveFailed')).toMatchObject([{ error }])
  })
})

describe('a new download', () => {
  const started = (
    stat: O.Option<{ readonly size: number; readonly mtimeMs: number }>,
    command?: SessionCommand,
  ): ReadonlyArray<string> => {
    const { config } = sessionFixture({ files: [4, 4] })
    const model = createModel({ ...config, isResumed: true }, 0)
    const events: SessionEvent[] = [
      { _tag: 'Started', at: 0 },
      { _tag: 'StorageOpened', at: 0 },
      ...(command === undefined ? [] : [{ _tag: 'Command', at: 0, command } as const]),
      { _tag: 'ResumeLoaded', at: 0, resume: O.none, stats: O.some([O.none, stat]), problem: O.none },
    ]
    return events.flatMap((event) => turn(model, event).effects.map(({ _tag }) => _tag))
  }

  it('begins without a look at what is not there', () => {
    expect(started(O.none)).not.toContain('CheckPieces')
    expect(started(O.none)).toContain('Listen')
  })

  it('is checked where something is there, and where a check is asked for', () => {
    expect(started(O.some({ size: 1, mtimeMs: 0 }))).toContain('CheckPieces')
    expect(started(O.none, { _tag: 'Recheck', id: 0 })).toContain('CheckPieces')
  })
})
