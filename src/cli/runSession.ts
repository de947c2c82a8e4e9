import {
  asyncScheduler,
  catchError,
  concat,
  connect,
  defer,
  distinctUntilChanged,
  endWith,
  filter,
  ignoreElements,
  map,
  merge,
  mergeMap,
  NEVER,
  of,
  race,
  startWith,
  switchMap,
  take,
  takeUntil,
  takeWhile,
  timer,
  withLatestFrom,
  zip,
  type Observable,
} from 'rxjs'
import * as O from '#fp/Option'
import { shareRatio, stopAfterSeeding, stopAtRatio } from '../index.js'
import type { Notice, Session, SessionState, StreamPolicy } from '../index.js'
import { exitCode, type ExitCode } from './exitCode.js'
import { errorEvent } from './failed.js'
import { formatBytes, formatRate } from './format/bytes.js'
import { formatCount } from './format/count.js'
import { formatDuration } from './format/duration.js'
import { formatElapsed } from './format/elapsed.js'
import { formatPercent } from './format/percent.js'
import { plainText } from './format/plainText.js'
import { end, say, type End, type Output } from './output.js'
import type { Report } from './progress/report.js'
import { wantedShare } from './progress/wantedShare.js'
import { listenText, storageText } from './storageText.js'
import type { StopSignal } from './world.js'

/** The part of a session that running it takes. */
export type RunnableSession = Pick<Session, 'state$' | 'alert$' | 'complete$' | 'send'>

/** What a session is run for. */
export interface Errand {
  readonly role: 'download' | 'seed'
  /** Go on when all is there. */
  readonly seed: boolean
  /** What ends seeding; undefined: nothing. */
  readonly seedRatio: number | undefined
  readonly seedSeconds: number | undefined
  readonly timeoutSeconds: number | undefined
  /** 0 leaves the choice to the system. */
  readonly port: number
  readonly pieceCount: number
  /** Where the data is. */
  readonly place: string
  /** What to run next; empty: nothing. */
  readonly hint: string
}

/** Time for the last announce and the last writes. */
const GRACE_MS = 5_000

/** How an errand ends; what it says may depend on where the session got to in the end. */
interface Verdict {
  readonly code: ExitCode
  readonly textOf: (state: SessionState | undefined) => string
}

type Happening =
  | { readonly _tag: 'Notice'; readonly notice: Notice }
  | { readonly _tag: 'State'; readonly state: SessionState }
  | { readonly _tag: 'Complete' }

/** Runs a session to the end of its errand, and tells of it. Cold. The last output is the `End`. */
export const runSession = (
  torrent: RunnableSession,
  errand: Errand,
  report: Report,
  stop$: Observable<StopSignal>,
): Observable<Output> =>
  happenings(torrent).pipe(
    connect((happening$) => {
      const notice$ = happening$.pipe(
        filter((it) => it._tag === 'Notice'),
        map(({ notice }) => notice),
      )
      const state$ = happening$.pipe(
        filter((it) => it._tag === 'State'),
        map(({ state }) => state),
      )
      const ended$ = happening$.pipe(ignoreElements(), endWith(true))
      const account$ = happening$.pipe(
        filter((it) => it._tag === 'Complete'),
        withLatestFrom(state$, state$.pipe(take(1))),
        map(([, state, start]) => accountOf(state, (state.at - start.at) / 1000)),
      )
      const verdict$ = merge(
        notice$.pipe(mergeMap((notice) => verdictOf(notice, errand))),
        noPort(notice$, errand),
        account$.pipe(
          mergeMap((account) => (errand.seed ? [] : [verdict(exitCode.done, completeText(account, errand))])),
        ),
        seedGoal(errand, state$, notice$).pipe(takeUntil(ended$)),
        stop$.pipe(map(stoppedBy), takeUntil(ended$)),
        idleFor(errand.timeoutSeconds, state$).pipe(takeUntil(ended$)),
      ).pipe(take(1), withLatestFrom(state$.pipe(startWith(undefined))))
      const leave = ({ code, textOf }: Verdict, before: SessionState | undefined): Observable<Output> =>
        defer(() => {
          torrent.send({ _tag: 'Stop' })
          return concat(
            code === exitCode.SIGINT ? of(say('stopping; once more leaves at once')) : [],
            race(ended$, timer(GRACE_MS)).pipe(
              withLatestFrom(state$.pipe(startWith(before))),
              mergeMap(([, state]) => lastWords(end(code, textOf(state)), report)),
            ),
          )
        })

      return merge(
        report.notices(noticesFor(errand, notice$)),
        report.progress(state$),
        account$.pipe(
          mergeMap((account) =>
            concat(
              maybe(report.event({ event: 'complete', path: errand.place, ...account })),
              errand.seed ? of(say(completeText(account, errand))) : [],
            ),
          ),
        ),
        verdict$.pipe(switchMap(([verdict, state]) => leave(verdict, state))),
      )
    }),
    endWith(end(exitCode.unfinished, 'the session ended before it was done')),
    takeWhile((output) => output._tag !== 'End', true),
    catchError((error: unknown) =>
      of(end(exitCode.unexpected, plainText(error instanceof Error ? error.message : String(error)))),
    ),
  )

/**
 * Everything that a session tells, in one stream: whoever listens to it misses nothing of the start. But for single
 * pieces, of which there are thousands: the progress tells of them.
 */
const happenings = (torrent: RunnableSession): Observable<Happening> =>
  merge(
    torrent.alert$.pipe(
      filter(({ _tag }) => _tag !== 'PieceDone'),
      map((notice): Happening => ({ _tag: 'Notice', notice })),
    ),
    torrent.state$.pipe(map((state): Happening => ({ _tag: 'State', state }))),
    torrent.complete$.pipe(map((): Happening => ({ _tag: 'Complete' }))),
  )

const maybe = (output: Output | undefined): ReadonlyArray<Output> => (output === undefined ? [] : [output])

const lastWords = (last: End, report: Report): ReadonlyArray<Output> => [
  ...(last.code === exitCode.done ? [] : maybe(report.event(errorEvent(last)))),
  ...maybe(report.event({ event: 'stopped' })),
  last,
]

const verdict = (code: ExitCode, text: string): Verdict => ({ code, textOf: () => text })

/** Notices that end the errand. */
const verdictOf = (notice: Notice, { role, hint, place, pieceCount }: Errand): ReadonlyArray<Verdict> => {
  if (notice._tag === 'StorageFailed') return [verdict(exitCode.disk, storageText(notice.error))]
  if (notice._tag !== 'CheckDone' || role !== 'seed' || notice.missingPieces === 0) return []
  const lack = `${String(notice.missingPieces)} of ${formatCount(pieceCount, 'piece')} missing or damaged`
  return [verdict(exitCode.notVerified, `${plainText(place)}: ${lack}; ${hint}`)]
}

/** A seeder that nobody can reach is none, and a port that was asked for is wanted. */
const needsPort = ({ role, port }: Errand): boolean => role === 'seed' || port !== 0

/** Failures of a port that is open already pass. */
const noPort = (notice$: Observable<Notice>, errand: Errand): Observable<Verdict> =>
  notice$.pipe(
    takeWhile(({ _tag }) => _tag !== 'Listening'),
    filter((notice) => notice._tag === 'ListenFailed'),
    filter(() => needsPort(errand)),
    map(({ code }) => verdict(exitCode.noPort, listenText(errand.port, code))),
  )

/** The notices that are told as such: not those that the last word is about, and a seeder's port not before its time. */
const noticesFor = (errand: Errand, notice$: Observable<Notice>): Observable<Notice> => {
  const told$ = needsPort(errand) ? notice$.pipe(filter(({ _tag }) => _tag !== 'ListenFailed')) : notice$
  // A seeder whose data is wrong does not start.
  return errand.role === 'seed'
    ? afterCheck(told$.pipe(filter(({ _tag }) => _tag !== 'FilesForeign')))
    : told$
}

/** Where a seeder listens is told once all that it is to offer is known to be right. */
const afterCheck = (notice$: Observable<Notice>): Observable<Notice> =>
  notice$.pipe(
    connect((shared$) => {
      const checked$ = shared$.pipe(
        filter((notice) => notice._tag === 'CheckDone' && notice.missingPieces === 0),
      )
      const listening$ = shared$.pipe(filter(({ _tag }) => _tag === 'Listening'))
      return merge(
        shared$.pipe(filter(({ _tag }) => _tag !== 'Listening')),
        zip(listening$, checked$).pipe(map(([listening]) => listening)),
      )
    }),
  )

const stoppedBy = (signal: StopSignal): Verdict => ({
  code: exitCode[signal],
  textOf: (state) => `stopped by ${signal}${state === undefined ? '' : whereIn(state)}`,
})

const whereIn = ({ progress }: SessionState): string => {
  if (progress.isDone) return ''
  const where = O.isSome(progress.checked) ? 'while checking' : `at ${formatPercent(wantedShare(progress))}`
  return ` ${where}; the same command goes on from there`
}

/** Enough was given back, or for long enough. */
const seedGoal = (
  { seedRatio, seedSeconds, place }: Errand,
  state$: Observable<SessionState>,
  notice$: Observable<Notice>,
): Observable<Verdict> => {
  const context = { state$, notice$, clock: asyncScheduler }
  const reached = (policy: StreamPolicy): Observable<Verdict> =>
    policy(context).pipe(map(() => ({ code: exitCode.done, textOf: (state) => seededText(place, state) })))
  return merge(
    seedRatio === undefined ? NEVER : reached(stopAtRatio(seedRatio)),
    seedSeconds === undefined ? NEVER : reached(stopAfterSeeding(seedSeconds * 1000)),
  )
}

const seededText = (place: string, state: SessionState | undefined): string =>
  state === undefined
    ? `${plainText(place)}: seeded`
    : `${plainText(place)}: seeded ${formatBytes(state.totals.uploaded)}, ratio ${shareRatio(state).toFixed(2)}`

/** The end of a download to which nothing has come for so long. */
const idleFor = (seconds: number | undefined, state$: Observable<SessionState>): Observable<Verdict> =>
  seconds === undefined
    ? NEVER
    : state$.pipe(
        map(({ phase, progress, totals }) =>
          phase === 'downloading' ? progress.haveBytes + totals.downloaded : undefined,
        ),
        distinctUntilChanged(),
        switchMap((mark) => (mark === undefined ? NEVER : timer(seconds * 1000))),
        withLatestFrom(state$),
        map(([, { peers, progress }]) =>
          peers.length === 0
            ? verdict(exitCode.noPeers, `no peers for ${formatDuration(seconds)}: gave up`)
            : verdict(
                exitCode.unfinished,
                `nothing has come for ${formatDuration(seconds)}: gave up at ${formatPercent(wantedShare(progress))}`,
              ),
        ),
      )

/** What a completed transfer came to. */
interface Account {
  readonly totalBytes: number
  readonly downloaded: number
  readonly uploaded: number
  readonly seconds: number
}

const accountOf = ({ progress, totals }: SessionState, seconds: number): Account => ({
  totalBytes: progress.wantedBytes,
  downloaded: totals.downloaded,
  uploaded: totals.uploaded,
  seconds: Math.round(seconds * 1000) / 1000,
})

const completeText = (
  { totalBytes, downloaded, seconds }: Account,
  { place, seed, seedRatio, seedSeconds, hint }: Errand,
): string => {
  const rate = seconds > 0 ? ` (${formatRate(downloaded / seconds)})` : ''
  const how = downloaded === 0 ? 'all there' : `downloaded in ${formatElapsed(seconds)}${rate}`
  const goals = [
    ...(seedRatio === undefined ? [] : [`to a ratio of ${String(seedRatio)}`]),
    ...(seedSeconds === undefined ? [] : [`for ${formatDuration(seedSeconds)}`]),
  ]
  const untilWhen = goals.length === 0 ? 'until stopped' : goals.join(', or ')
  const what = `${plainText(place)}: ${formatBytes(totalBytes)}, ${how}`
  if (seed) return `${what}; seeding ${untilWhen}`
  return hint === '' ? what : `${what}\n${hint}`
}
