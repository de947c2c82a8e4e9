import { BehaviorSubject, ignoreElements, map, Subject } from 'rxjs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as O from '#fp/Option'
import { exitCode } from '../../src/cli/exitCode.js'
import { data, say, type Output } from '../../src/cli/output.js'
import type { Report } from '../../src/cli/progress/report.js'
import { runSession, type Errand } from '../../src/cli/runSession.js'
import type { StopSignal } from '../../src/cli/world.js'
import type { Notice, PeerState, Progress, SessionCommand, SessionState } from '../../src/index.js'
import { sessionState } from './support/sessionState.js'

const PIECES = 4

const errandTo = (changes: Partial<Errand> = {}): Errand => ({
  role: 'download',
  seed: false,
  seedRatio: undefined,
  seedSeconds: undefined,
  timeoutSeconds: undefined,
  port: 0,
  pieceCount: PIECES,
  place: 'out/name',
  hint: 'what to run next',
  ...changes,
})

const all: Progress = {
  pieceCount: PIECES,
  havePieces: PIECES,
  totalBytes: 4096,
  haveBytes: 4096,
  fraction: 1,
  checked: O.none,
  wantedBytes: 4096,
  wantedHaveBytes: 4096,
  isDone: true,
  isComplete: true,
}

/** Tells notices by name, events as they are, and nothing of the progress. */
const report: Report = {
  progress: (state$) => state$.pipe(ignoreElements()),
  notices: (notice$) => notice$.pipe(map((notice) => say(notice._tag))),
  event: (event) => data(JSON.stringify(event)),
}

/** A session that does what the test says. It ends some time after `Stop`, or never. */
const scripted = (errand: Errand, endsAfterMs = 100) => {
  const state$ = new BehaviorSubject<SessionState>(sessionState())
  const alert$ = new Subject<Notice>()
  const complete$ = new Subject<Progress>()
  const stop$ = new Subject<StopSignal>()
  const sent: SessionCommand[] = []
  const outputs: Output[] = []
  let isOver = false
  const send = (command: SessionCommand): void => {
    sent.push(command)
    if (endsAfterMs === Number.POSITIVE_INFINITY) return
    setTimeout(() => {
      for (const stream$ of [alert$, complete$, state$]) stream$.complete()
    }, endsAfterMs)
  }
  const running = runSession({ state$, alert$, complete$, send }, errand, report, stop$).subscribe({
    next: (output) => outputs.push(output),
    complete: () => {
      isOver = true
    },
  })
  return { state$, alert$, complete$, stop$, sent, outputs, running, isOver: () => isOver }
}

const peer = { host: '192.0.2.1', port: 1, isSeed: true } as unknown as PeerState

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('runSession', () => {
  it('stops when all is there, and says where it is and what is next', () => {
    const run = scripted(errandTo())
    run.state$.next(
      sessionState({ at: 2_000, progress: all, totals: { ...sessionState().totals, downloaded: 4096 } }),
    )
    run.complete$.next(all)
    expect(run.sent).toEqual([{ _tag: 'Stop' }])
    expect(run.isOver()).toBe(false)
    vi.advanceTimersByTime(100)
    expect(run.outputs.at(-1)).toEqual({
      _tag: 'End',
      code: exitCode.done,
      text: 'out/name: 4.0 KiB, downloaded in 2.0 s (2.0 KiB/s)\nwhat to run next',
    })
    const events = run.outputs.flatMap((output) =>
      output._tag === 'Data' ? [JSON.parse(output.text) as unknown] : [],
    )
    expect(events).toEqual([
      { event: 'complete', path: 'out/name', totalBytes: 4096, downloaded: 4096, uploaded: 0, seconds: 2 },
      { event: 'stopped' },
    ])
    expect(run.isOver()).toBe(true)
  })

  it('does not wait for ever for a session that does not end', () => {
    const run = scripted(errandTo(), Number.POSITIVE_INFINITY)
    run.complete$.next(all)
    vi.advanceTimersByTime(4_900)
    expect(run.isOver()).toBe(false)
    vi.advanceTimersByTime(200)
    expect(run.outputs.at(-1)).toMatchObject({ code: exitCode.done })
    expect(run.state$.observed).toBe(false)
    expect(run.alert$.observed).toBe(false)
  })

  it('goes on seeding if asked to', () => {
    const run = scripted(errandTo({ seed: true }))
    run.complete$.next(all)
    vi.advanceTimersByTime(60_000)
    expect(run.sent).toEqual([])
    expect(run.outputs).toContainEqual(say('out/name: 4.0 KiB, all there; seeding until stopped'))
    run.running.unsubscribe()
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('stops in good order at %s', (signal) => {
    const run = scripted(errandTo())
    run.state$.next(
      sessionState({
        progress: {
          ...all,
          havePieces: 2,
          haveBytes: 2048,
          wantedHaveBytes: 2048,
          isDone: false,
          fraction: 0.5,
          isComplete: false,
        },
      }),
    )
    run.stop$.next(signal)
    expect(run.sent).toEqual([{ _tag: 'Stop' }])
    vi.advanceTimersByTime(100)
    expect(run.outputs.at(-1)).toEqual({
      _tag: 'End',
      code: exitCode[signal],
      text: `stopped by ${signal} at 50.0 %; the same command goes on from there`,
    })
  })

  it('says where it got to in the end, as its last state has it', () => {
    const run = scripted(errandTo())
    const at = (fraction: number): SessionState =>
      sessionState({
        progress: { ...all, wantedHaveBytes: 4096 * fraction, isDone: false, isComplete: false },
      })
    run.state$.next(at(0.5))
    run.stop$.next('SIGINT')
    run.state$.next(at(0.75))
    vi.advanceTimersByTime(100)
    expect(run.outputs.at(-1)).toHaveProperty('text', expect.stringContaining('at 75.0 %'))
  })

  it('does not take a check for a download', () => {
    const run = scripted(errandTo())
    run.state$.next(
      sessionState({
        phase: 'checking',
        progress: { ...all, checked: O.some(0.3), isDone: false, isComplete: false },
      }),
    )
    run.stop$.next('SIGINT')
    vi.advanceTimersByTime(100)
    expect(run.outputs.at(-1)).toHaveProperty('text', expect.stringContaining('while checking'))
  })

  it('ends without the port that was asked for', () => {
    const run = scripted(errandTo({ port: 6881 }))
    run.alert$.next({ _tag: 'ListenFailed', at: 0, code: 'EADDRINUSE' })
    vi.advanceTimersByTime(100)
    expect(run.outputs.at(-1)).toEqual({
      _tag: 'End',
      code: exitCode.noPort,
      text: 'cannot listen on port 6881: it is in use (EADDRINUSE)',
    })
  })

  it('downloads without any port, and goes on where accepting fails later', () => {
    const download = scripted(errandTo())
    download.alert$.next({ _tag: 'ListenFailed', at: 0, code: 'EMFILE' })
    const seed = scripted(errandTo({ role: 'seed', seed: true }))
    seed.alert$.next({ _tag: 'Listening', at: 0, port: 1 })
    seed.alert$.next({ _tag: 'ListenFailed', at: 0, code: 'EMFILE' })
    vi.advanceTimersByTime(60_000)
    expect([...download.sent, ...seed.sent]).toEqual([])
    download.running.unsubscribe()
    seed.running.unsubscribe()
  })

  it('tells where a seeder listens once its data is found right, and not before', () => {
    const run = scripted(errandTo({ role: 'seed', seed: true }))
    run.alert$.next({ _tag: 'Listening', at: 0, port: 1 })
    expect(run.outputs).toEqual([])
    run.alert$.next({ _tag: 'CheckDone', at: 0, havePieces: PIECES, missingPieces: 0 })
    expect(run.outputs).toEqual([say('CheckDone'), say('Listening')])
    run.running.unsubscribe()
  })

  it('tells what will be written over, unless nothing will', () => {
    const told = (role: 'download' | 'seed'): ReadonlyArray<unknown> => {
      const run = scripted(errandTo({ role, seed: true }))
      run.alert$.next({ _tag: 'FilesForeign', at: 0, files: ['a'] })
      run.running.unsubscribe()
      return run.outputs
    }
    expect(told('download')).toEqual([say('FilesForeign')])
    expect(told('seed')).toEqual([])
  })

  it('gives up on a disk that fails, with the first reason', () => {
    const run = scripted(errandTo())
    const error = {
      _tag: 'StorageError',
      kind: 'disk-full',
      operation: 'write',
      file: 'a/b',
      code: 'ENOSPC',
    } as const
    run.alert$.next({ _tag: 'StorageFailed', at: 0, error })
    run.alert$.next({ _tag: 'StorageFailed', at: 0, error: { ...error, kind: 'io' } })
    vi.advanceTimersByTime(100)
    expect(run.sent).toHaveLength(1)
    expect(run.outputs.at(-1)).toEqual({
      _tag: 'End',
      code: exitCode.disk,
      text: 'cannot write a/b: the disk is full (ENOSPC)',
    })
  })

  it('refuses to seed what is not all there', () => {
    const run = scripted(errandTo({ role: 'seed', seed: true }))
    run.alert$.next({ _tag: 'CheckDone', at: 0, havePieces: 3, missingPieces: PIECES - 3 })
    vi.advanceTimersByTime(100)
    expect(run.outputs.at(-1)).toMatchObject({ code: exitCode.notVerified })
  })

  it('seeds what is all there', () => {
    const run = scripted(errandTo({ role: 'seed', seed: true }))
    run.alert$.next({ _tag: 'CheckDone', at: 0, havePieces: PIECES, missingPieces: 0 })
    vi.advanceTimersByTime(60_000)
    expect(run.sent).toEqual([])
    run.running.unsubscribe()
  })

  it('waits for peers as long as it was told to', () => {
    const run = scripted(errandTo({ timeoutSeconds: 10 }))
    vi.advanceTimersByTime(9_900)
    expect(run.sent).toEqual([])
    vi.advanceTimersByTime(300)
    expect(run.outputs.at(-1)).toEqual({
      _tag: 'End',
      code: exitCode.noPeers,
      text: 'no peers for 10 s: gave up',
    })
  })

  it('tells silent peers from none, and waits anew whenever something comes', () => {
    const run = scripted(errandTo({ timeoutSeconds: 10 }))
    vi.advanceTimersByTime(8_000)
    run.state$.next(sessionState({ peers: [peer], totals: { ...sessionState().totals, downloaded: 1 } }))
    vi.advanceTimersByTime(8_000)
    expect(run.sent).toEqual([])
    vi.advanceTimersByTime(2_200)
    expect(run.outputs.at(-1)).toMatchObject({ code: exitCode.unfinished })
  })

  it('does not count the time of a check', () => {
    const run = scripted(errandTo({ timeoutSeconds: 1 }))
    run.state$.next(sessionState({ phase: 'checking' }))
    vi.advanceTimersByTime(60_000)
    expect(run.sent).toEqual([])
    run.running.unsubscribe()
  })

  it('reports a session that breaks as unexpected, with nothing raw in it', () => {
    const run = scripted(errandTo())
    run.state$.error(new Error('broken \u001b[2J'))
    expect(run.outputs).toEqual([{ _tag: 'End', code: exitCode.unexpected, text: 'broken \\u{1b}[2J' }])
  })

  it('reports a session that ends by itself as unfinished', () => {
    const run = scripted(errandTo())
    for (const stream$ of [run.alert$, run.complete$, run.state$]) stream$.complete()
    expect(run.outputs.at(-1)).toMatchObject({ code: exitCode.unfinished })
    expect(run.isOver()).toBe(true)
  })
})
