import { EMPTY, map, mergeMap, NEVER, of, Subscription } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { decodeResume, type ResumeData, resumeInfohash } from '../../src/codecs/resume.js'
import type { ResumeClaims, SlotBlocks } from '../../src/operators/session/effect.js'
import type { SessionEvent } from '../../src/operators/session/event.js'
import type { FlushReach } from '../../src/operators/resume/syncedPieces.js'
import type { Notice } from '../../src/operators/session/notice.js'
import type { ResumeError, ResumeStore, SessionDeps, Storage } from '../../src/streams/deps.js'
import { createSlots } from '../../src/streams/disk/slots.js'
import { createResumeEffects, type ResumeEffects } from '../../src/streams/resumeEffects.js'
import { createSession } from '../../src/streams/session.js'
import { layoutOf } from '../../src/streams/storageLayout.js'
import { createVirtualClock, type VirtualClock } from '../../src/streams/virtual/clock.js'
import { createVirtualWorld } from '../../src/streams/virtual/world.js'
import { makeTorrent } from '../support/makeTorrent.js'
import { rethrow } from '../support/rethrow.js'
import { bareMetainfo } from '../support/sessionFixture.js'

const PIECE = 32_768
const metainfo = bareMetainfo(4 * PIECE - 1_000, PIECE)

/** The effects over a storage that answers at once, and where it was read and written. */
const lab = (
  resume: SessionDeps['resume'] = {
    load: () => of(E.right(O.none)),
    save: () => of(E.right(undefined)),
    remove: () => of(E.right(undefined)),
  },
  bootId?: string,
): {
  readonly effects: ResumeEffects
  readonly touched: (readonly [at: number, length: number])[]
  readonly events: SessionEvent[]
  readonly flushes: () => number
  /** How far each flush was to go. */
  readonly reached: (FlushReach | undefined)[]
  readonly adopted: number[]
  readonly clock: VirtualClock
  readonly run: (event$: ReturnType<ResumeEffects['fill']>) => void
} => {
  const touched: (readonly [number, number])[] = []
  const events: SessionEvent[] = []
  const reached: (FlushReach | undefined)[] = []
  const adopted: number[] = []
  const storage: Storage = {
    read: (offset, length) => {
      touched.push([offset, length])
      return of(E.right(new Uint8Array(length)))
    },
    write: (offset, bytes) => {
      touched.push([offset, bytes.length])
      return of(E.right(undefined))
    },
    flush: (reach) => {
      reached.push(reach)
      return of(E.right(undefined))
    },
    adopt: (files) => {
      adopted.push(...files)
    },
    hashPieces: (first) => of(E.right({ first, digests: new Uint8Array(0), present: new Uint8Array(0) })),
  }
  const clock = createVirtualClock()
  const effects = createResumeEffects(
    { clock, resume, bootId },
    { metainfo, layout: layoutOf(metainfo) },
    createSlots(PIECE),
    () => storage,
  )
  const run = (event$: ReturnType<ResumeEffects['fill']>): void => {
    event$.subscribe({ next: (event) => events.push(event), error: expect.unreachable })
  }
  return { effects, touched, events, flushes: () => reached.length, reached, adopted, clock, run }
}

const claims = {
  infohash: new Uint8Array(20).fill(7),
  pieces: new Uint8Array(1),
  blockLength: 4_096,
  partial: [],
  priorities: [4],
  peers: [],
  trackers: [],
  removedTrackers: [],
  renamed: [],
  totals: { downloaded: 0, uploaded: 0 },
  addedAt: 0,
}

describe('blocks of a piece begun', () => {
  const cases: ReadonlyArray<readonly [SlotBlocks, ReadonlyArray<readonly [number, number]>]> = [
    [{ piece: 1, slot: 0, blocks: Uint8Array.of(0b1000_0000), blockLength: 16_384 }, [[PIECE, 16_384]]],
    [
      { piece: 1, slot: 0, blocks: Uint8Array.of(0b1100_0001), blockLength: 4_096 },
      [
        [PIECE, 8_192],
        [PIECE + 28_672, 4_096],
      ],
    ],
    [
      { piece: 3, slot: 0, blocks: Uint8Array.of(0b0000_0001), blockLength: 4_096 },
      [[3 * PIECE + 28_672, 3_096]],
    ],
  ]

  it.each(cases)('are written by the length that they have', (blocks, where) => {
    const { effects, touched, events, run } = lab()
    run(effects.save({ _tag: 'SaveResume', reach: 'device', claims, blocks: [blocks] }))
    expect(touched).toEqual(where)
    expect(events).toMatchObject([{ _tag: 'BlocksStored', pieces: [blocks.piece] }, { _tag: 'ResumeSaved' }])
  })

  it.each(cases)('are read by it, too', (blocks, where) => {
    const { effects, touched, events, run } = lab()
    run(effects.fill(blocks))
    expect(touched).toEqual(where)
    expect(events).toMatchObject([{ _tag: 'SlotFilled', piece: blocks.piece, ok: true }])
  })
})

describe('a save', () => {
  it('has what it claims on the device first, and nothing where it claims nothing', () => {
    const { effects, events, flushes, run } = lab()
    run(effects.save({ _tag: 'SaveResume', reach: 'device', claims, blocks: [] }))
    expect(flushes()).toBe(0)
    run(
      effects.save({
        _tag: 'SaveResume',
        reach: 'device',
        claims: { ...claims, pieces: Uint8Array.of(0x10) },
        blocks: [],
      }),
    )
    expect(flushes()).toBe(1)
    const partial = [{ piece: 1, blocks: Uint8Array.of(0x80) }]
    run(effects.save({ _tag: 'SaveResume', reach: 'device', claims: { ...claims, partial }, blocks: [] }))
    expect(flushes()).toBe(2)
    expect(events.map(({ _tag }) => _tag)).toEqual(['ResumeSaved', 'ResumeSaved', 'ResumeSaved'])
  })
})

describe('a session that knows the boot', () => {
  const kept = (): {
    readonly store: ResumeStore
    readonly last: () => ResumeData
    /** How far each save was to go. */
    readonly reaches: (FlushReach | undefined)[]
  } => {
    let bytes: Option<Uint8Array> = O.none
    const reaches: (FlushReach | undefined)[] = []
    return {
      store: {
        load: () => of(E.right(bytes)),
        save: (_id, next, reach) => {
          reaches.push(reach)
          bytes = O.some(next)
          return of(E.right(undefined))
        },
        remove: () => of(E.right(undefined)),
      },
      reaches,
      last: () => {
        const read = O.isSome(bytes) ? decodeResume(bytes.value, metainfo) : undefined
        if (read === undefined || E.isLeft(read)) throw new Error('nothing was kept')
        return read.right
      },
    }
  }
  const own = { ...claims, infohash: resumeInfohash(metainfo), pieces: Uint8Array.of(0xc0) }

  it('waits for the device when it is due, and says otherwise what may not be there', () => {
    const { store, last } = kept()
    const { effects, events, reached, run } = lab(store, 'this')
    run(effects.save({ _tag: 'SaveResume', reach: 'system', claims: own, blocks: [] }))
    expect(last().unsynced).toEqual(O.some({ bootId: 'this', pieces: Uint8Array.of(0xc0) }))
    run(effects.save({ _tag: 'SaveResume', reach: 'device', claims: own, blocks: [] }))
    expect(last().unsynced).toEqual(O.none)
    expect(reached).toEqual(['system', 'device'])
    expect(events).toEqual([
      { _tag: 'ResumeSaved', at: 0, isUnsynced: true },
      { _tag: 'ResumeSaved', at: 0 },
    ])
  })

  it('has the files that another run wrote go to the device too, while the system runs', () => {
    const { store } = kept()
    const before = lab(store, 'this')
    before.run(before.effects.save({ _tag: 'SaveResume', reach: 'system', claims: own, blocks: [] }))
    const loaded = (bootId: string) => {
      const next = lab(store, bootId)
      next.run(next.effects.locate().pipe(mergeMap(next.effects.load)))
      return next
    }
    const same = loaded('this')
    expect(same.adopted).toEqual([0])
    expect(same.events).toMatchObject([{ resume: { value: { unsynced: O.none } } }])
    const other = loaded('that')
    expect(other.adopted).toEqual([])
    expect(other.events).toMatchObject([{ resume: { value: { unsynced: { value: { bootId: 'this' } } } } }])
  })

  it('leaves the first save, which claims nothing and replaces nothing, to the system', () => {
    const nothing = { ...own, pieces: new Uint8Array(1) }
    /** How far the saves of a session are to go. */
    const reachesOf = (load: ResumeStore['load'], reach: FlushReach, bootId?: string, isAwaited = true) => {
      const { store, reaches } = kept()
      const { effects, events, run } = lab({ ...store, load }, bootId)
      run(effects.locate().pipe(mergeMap(effects.load)))
      for (const said of [nothing, nothing, nothing]) {
        run(effects.save({ _tag: 'SaveResume', reach, claims: said, blocks: [], isAwaited }))
      }
      // One that is not on the device is to be saved again.
      const isAgain = events.flatMap((event) => (event._tag === 'ResumeSaved' ? [event.isUnsynced] : []))
      expect(isAgain[0] === true).toBe(reaches[0] === 'system')
      return reaches
    }
    const later = ['device', 'device']
    const none: ResumeStore['load'] = () => of(E.right(O.none))
    expect(reachesOf(none, 'system', 'this')).toEqual(['system', ...later])
    expect(reachesOf(none, 'device', 'this')).toEqual(['device', ...later])
    expect(reachesOf(none, 'system')).toEqual(['device', ...later])
    expect(reachesOf(none, 'system', 'this', false)).toEqual(['device', ...later])
    const torn: ResumeStore['load'] = () => of(E.right(O.some(Uint8Array.of(1))))
    expect(reachesOf(torn, 'system', 'this')).toEqual(['device', ...later])
    const { store } = kept()
    const before = lab(store, 'this')
    before.run(before.effects.save({ _tag: 'SaveResume', reach: 'system', claims: own, blocks: [] }))
    expect(reachesOf(store.load, 'system', 'this')).toEqual(['device', ...later])
  })

  describe('leaves a save that somebody waits for to the system', () => {
    const reachOf = (
      save: Partial<ResumeClaims> & { readonly isAwaited?: boolean; readonly reach?: FlushReach },
      bootId?: string,
    ): FlushReach | undefined => {
      const { isAwaited = true, reach = 'system', ...said } = save
      const { store, reaches } = kept()
      const { effects, events, run } = lab(store, bootId)
      run(effects.save({ _tag: 'SaveResume', reach, claims: { ...own, ...said }, blocks: [], isAwaited }))
      // Then it is saved again, if there is time.
      expect(events).toEqual([
        {
          _tag: 'ResumeSaved',
          at: 0,
          ...(reach === 'system' && bootId !== undefined && { isUnsynced: true }),
        },
      ])
      return reaches[0]
    }

    it('where its pieces may not be on the device either', () => {
      expect(reachOf({}, 'this')).toBe('system')
      const partial = [{ piece: 1, blocks: Uint8Array.of(0x80) }]
      expect(reachOf({ pieces: new Uint8Array(1), partial }, 'this')).toBe('system')
      expect(reachOf({ reach: 'device' }, 'this')).toBe('device')
      expect(reachOf({ isAwaited: false }, 'this')).toBe('device')
      expect(reachOf({})).toBe('device')
    })

    const broken: ResumeError = { _tag: 'ResumeStoreFailed', operation: 'save', code: 'EIO' }
    const choices: ReadonlyArray<readonly [string, Partial<ResumeClaims>]> = [
      ['names', { renamed: [{ file: 0, path: ['other'] }] }],
      ['files', { priorities: [0] }],
      ['trackers', { trackers: [['http://tracker.example/']] }],
      ['without trackers', { removedTrackers: ['http://tracker.example/'] }],
    ]

    it.each(choices)('but not what the user chose: %s', (_, said) => {
      expect(reachOf(said, 'this')).toBe('device')
    })

    it.each(choices)('nor what takes a choice back: %s', (_, said) => {
      const { store, reaches } = kept()
      const save = (isAwaited: boolean, chosen: Partial<ResumeClaims> = {}) => {
        const claimed = { ...own, ...chosen }
        return { _tag: 'SaveResume', reach: 'system', claims: claimed, blocks: [], isAwaited } as const
      }
      let isBroken = false
      const { effects, run } = lab(
        {
          ...store,
          save: (...saved) =>
            store.save(...saved).pipe(map((answer) => (isBroken ? E.left(broken) : answer))),
        },
        'this',
      )
      run(effects.save(save(false, said)))
      run(effects.save(save(true)))
      run(effects.save(save(true)))
      expect(reaches).toEqual(['device', 'device', 'system'])
      run(effects.save(save(false, said)))
      // One that fails has taken nothing back.
      isBroken = true
      run(effects.save(save(true)))
      isBroken = false
      run(effects.save(save(true)))
      expect(reaches.splice(3)).toEqual(['device', 'device', 'device'])
      run(effects.save(save(false, said)))
      const next = lab(store, 'this')
      next.run(next.effects.locate().pipe(mergeMap(next.effects.load)))
      next.run(next.effects.save(save(true)))
      expect(reaches.slice(3)).toEqual(['device', 'device'])
    })

    it('nor what is on the device already, but for totals', () => {
      const { store, reaches } = kept()
      const { effects, run } = lab(store, 'this')
      for (const reach of ['device', 'system'] as const)
        run(effects.save({ _tag: 'SaveResume', reach, claims: own, blocks: [], isAwaited: true }))
      expect(reaches).toEqual(['device', 'device'])
    })
  })

  it('never trusts the system alone where it does not', () => {
    const { store, last } = kept()
    const { effects, reached, run } = lab(store)
    run(effects.save({ _tag: 'SaveResume', reach: 'system', claims: own, blocks: [] }))
    expect(reached).toEqual(['device'])
    expect(last().unsynced).toEqual(O.none)
  })
})

describe('a store that throws', () => {
  it('is one that fails', () => {
    const thrower = (): never => {
      throw new Error('a bug')
    }
    const { effects, events, run } = lab({ load: thrower, save: thrower, remove: thrower })
    run(effects.locate().pipe(mergeMap(effects.load)))
    run(effects.save({ _tag: 'SaveResume', reach: 'device', claims, blocks: [] }))
    run(effects.remove())
    const error = (operation: string): object => ({
      _tag: 'ResumeStoreFailed',
      operation,
      code: 'EUNEXPECTED',
    })
    expect(events).toMatchObject([
      { _tag: 'ResumeLoaded', problem: O.some(error('load')) },
      { _tag: 'ResumeSaveFailed', error: error('save') },
      { _tag: 'ResumeRemoved', problem: O.some(error('remove')) },
    ])
  })
})

describe('a store that never answers', () => {
  it.each([
    ['says nothing', NEVER],
    ['ends without a word', EMPTY],
  ])('and %s is one that fails, after half a minute', (_, silence$) => {
    const silent = (): typeof NEVER => silence$
    const { effects, events, clock, run } = lab({ load: silent, save: silent, remove: silent })
    run(effects.locate().pipe(mergeMap(effects.load)))
    run(effects.save({ _tag: 'SaveResume', reach: 'device', claims, blocks: [] }))
    run(effects.remove())
    clock.advanceBy(29_999)
    expect(events).toEqual([])
    clock.advanceBy(1)
    const error = (operation: string): object => ({ _tag: 'ResumeStoreFailed', operation, code: 'ETIMEDOUT' })
    expect(events).toMatchObject([
      { _tag: 'ResumeLoaded', problem: O.some(error('load')) },
      { _tag: 'ResumeSaveFailed', error: error('save') },
      { _tag: 'ResumeRemoved', problem: O.some(error('remove')) },
    ])
    expect(clock.pending()).toBe(0)
  })

  it('keeps a session neither from its work nor from trying again', () => {
    const torrent = makeTorrent({ pieceLength: 16_384, files: 4 * 16_384 })
    const world = createVirtualWorld({ seed: 1 })
    const source = world.host('10.0.0.1')
    source.disk.preload(layoutOf(torrent.metainfo), torrent.content)
    const all = new Subscription()
    const seeder = createSession(torrent.metainfo, source.deps, { port: 7_000 })
    all.add(seeder.state$.subscribe({ error: rethrow }))
    let saves = 0
    const resume: NonNullable<SessionDeps['resume']> = {
      load: () => NEVER,
      save: () => {
        saves++
        return NEVER
      },
      remove: () => NEVER,
    }
    const session = createSession(
      torrent.metainfo,
      { ...world.host('10.0.0.2').deps, resume },
      { peers: [{ host: '10.0.0.1', port: 7_000 }] },
    )
    const notices: Notice[] = []
    all.add(session.alert$.subscribe({ next: (notice) => notices.push(notice), error: rethrow }))
    world.clock.advanceBy(29_000)
    expect(session.state()?.phase).toBe('opening')
    world.clock.advanceBy(20_000)
    expect(session.state()?.phase).toBe('seeding')
    world.clock.advanceBy(300_000)
    expect(saves).toBeGreaterThan(2)
    const code = { _tag: 'ResumeStoreFailed', code: 'ETIMEDOUT' }
    expect(notices).toContainEqual(
      expect.objectContaining({ _tag: 'ResumeRejected', reason: { ...code, operation: 'load' } }),
    )
    expect(notices).toContainEqual(
      expect.objectContaining({ _tag: 'ResumeSaveFailed', error: { ...code, operation: 'save' } }),
    )
    all.unsubscribe()
  })
})
