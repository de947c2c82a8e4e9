import { concat, EMPTY, Observable, of, Subject, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { selectFiles } from '../../src/operators/piece/selectFiles.js'
import type { Notice } from '../../src/operators/session/notice.js'
import type { SessionEvent } from '../../src/operators/session/event.js'
import type { SessionState } from '../../src/operators/session/state.js'
import type { ValueOr$ } from '../../src/operators/rx/valueOr.js'
import { createSession } from '../../src/streams/session.js'
import { createVirtualWorld, type VirtualWorld } from '../../src/streams/virtual/world.js'
import { makeTorrent } from '../support/makeTorrent.js'
import { blockOf, virtualPeer } from '../support/virtualPeer.js'
import { rethrow } from '../support/rethrow.js'

const torrent = makeTorrent({ pieceLength: 16_384, files: [16_384, 16_384, 16_384] })
const { metainfo } = torrent
const FIRST = selectFiles(metainfo, (_, index) => index === 0)
const LAST = selectFiles(metainfo, (_, index) => index === 2)

interface Running {
  readonly world: VirtualWorld
  /** Pieces asked of the one peer there is. */
  readonly asked: number[]
  readonly notices: Notice[]
  readonly events: SessionEvent[]
  readonly state: () => SessionState
  readonly stop: () => void
}

const start = (priorities: ValueOr$<ReadonlyArray<number>>): Running => {
  const world = createVirtualWorld({ seed: 1, network: { latencyMs: 10 } })
  const asked: number[] = []
  const peer = virtualPeer(world, torrent, '10.0.0.9', (request) => {
    asked.push(request.piece)
    return blockOf(torrent, request)
  })
  const session = createSession(metainfo, world.host('10.0.0.1').deps, { peers: [peer.address], priorities })
  const notices: Notice[] = []
  const events: SessionEvent[] = []
  let state: SessionState | undefined
  const running = session.event$.subscribe({ next: (event) => events.push(event), error: rethrow })
  running.add(session.alert$.subscribe({ next: (notice) => notices.push(notice), error: rethrow }))
  running.add(session.state$.subscribe({ next: (next) => (state = next), error: rethrow }))
  return {
    world,
    asked,
    notices,
    events,
    state: () => state!,
    stop: () => {
      running.unsubscribe()
      peer.subscription.unsubscribe()
    },
  }
}

describe('the option `priorities`', () => {
  it.each([
    ['a list', FIRST],
    ['an Observable that says it at once', of(LAST, FIRST)],
  ])('as %s is in force from the start', (_, priorities) => {
    const { world, asked, events, state, stop } = start(priorities)
    world.clock.advanceBy(5_000)
    expect(asked).toEqual([0])
    expect(state().progress).toMatchObject({ isDone: true, isComplete: false })
    expect(events.some(({ _tag }) => _tag === 'Command')).toBe(false)
    stop()
  })

  it('is waited for, and followed', () => {
    const priorities$ = new Subject<ReadonlyArray<number>>()
    const { world, asked, events, state, stop } = start(priorities$)
    world.clock.advanceBy(5_000)
    expect(asked).toEqual([])
    priorities$.next(LAST)
    world.clock.advanceBy(5_000)
    expect(asked).toEqual([2])
    priorities$.next(FIRST)
    world.clock.advanceBy(30_000)
    expect(asked).toEqual([2, 0])
    expect(state().files.map(({ isDone, priority }) => [isDone, priority])).toEqual([
      [true, 4],
      [false, 0],
      [true, 0],
    ])
    expect(events[0]!._tag).toBe('Started')
    stop()
    expect(priorities$.observed).toBe(false)
  })

  it('that never says anything leaves nothing to ask for', () => {
    const { world, asked, state, stop } = start(EMPTY)
    world.clock.advanceBy(5_000)
    expect(asked).toEqual([])
    expect(state().progress.isDone).toBe(false)
    stop()
  })

  it('is subscribed once for each run, while it lasts', () => {
    let live = 0
    const { stop } = start(
      new Observable((subscriber) => {
        live++
        subscriber.next(FIRST)
        return () => live--
      }),
    )
    expect(live).toBe(1)
    stop()
    expect(live).toBe(0)
  })

  it('is misuse where it cannot be', () => {
    const { deps } = createVirtualWorld({ seed: 1 }).host('10.0.0.1')
    expect(() => createSession(metainfo, deps, { priorities: [4] })).toThrow('1 priorities for 3 files')
    expect(() => createSession(metainfo, deps, { priorities: [4, 4, 8] })).toThrow(TypeError)
  })

  it('is refused where an Observable says what cannot be, and the next value is awaited', () => {
    const priorities$ = new Subject<ReadonlyArray<number>>()
    const { world, asked, notices, stop } = start(
      new Observable((subscriber) => {
        subscriber.next([9])
        return priorities$.subscribe(subscriber)
      }),
    )
    world.clock.advanceBy(5_000)
    priorities$.next([4, 4])
    expect(notices.at(-1)).toMatchObject({ _tag: 'CommandRefused', why: '2 priorities for 3 files' })
    expect(asked).toEqual([])
    priorities$.next(LAST)
    world.clock.advanceBy(5_000)
    expect(asked).toEqual([2])
    stop()
  })

  it.each([
    ['before it says anything leaves nothing to ask for', throwError(() => new Error('boom')), []],
    [
      'later leaves what it said last',
      concat(
        of(FIRST),
        throwError(() => new Error('boom')),
      ),
      [0],
    ],
  ])('that fails %s, and is told of', (_, priorities$, pieces) => {
    const { world, asked, events, stop } = start(priorities$)
    world.clock.advanceBy(5_000)
    const failed = events.filter(({ _tag }) => _tag === 'OptionFailed')
    expect(failed).toMatchObject([{ option: 'priorities', message: 'boom' }])
    expect(asked).toEqual(pieces)
    stop()
  })
})
