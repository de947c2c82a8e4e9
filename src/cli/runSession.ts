import {
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
  type Observable,
} from 'rxjs'
import type { Notice, Session, SessionState } from '../index.js'
import { exitCode } from './exitCode.js'
import { formatBytes, formatRate } from './format/bytes.js'
import { formatDuration } from './format/duration.js'
import { formatPercent } from './format/percent.js'
import { plainText } from './format/plainText.js'
import { done, end, say, type End, type Output } from './output.js'
import type { Report } from './progress/report.js'
import { storageText } from './storageText.js'
import type { StopSignal } from './world.js'

/** The part of a session that running it takes. */
export type RunnableSession = Pick<Session, 'state$' | 'alert$' | 'complete$' | 'send'>

/** What a session is run for. */
export interface Errand {
  readonly role: 'download' | 'seed'
  /** Go on when all is there. */
  readonly seed: boolean
  readonly timeoutSeconds: number | undefined
  readonly pieceCount: number
  /** Where the data is. */
  readonly place: string
  /** What to run next; empty: nothing. */
  readonly hint: string
}

/** Time for the last announce and the last writes. */
const GRACE_MS = 5_000

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
      const notice$ = happening$.pipe(mergeMap((it) => (it._tag === 'Notice' ? [it.notice] : [])))
      const state$ = happening$.pipe(mergeMap((it) => (it._tag === 'State' ? [it.state] : [])))
      const ended$ = happening$.pipe(ignoreElements(), endWith(true))
      const account$ = happening$.pipe(
        filter((it) => it._tag === 'Complete'),
        withLatestFrom(state$, state$.pipe(take(1))),
        map(([, state, start]) => accountOf(state, (state.at - start.at) / 1000)),
      )
      const verdict$ = merge(
        notice$.pipe(mergeMap((notice) => verdictOf(notice, errand, errand.pieceCount))),
        account$.pipe(mergeMap((account) => (errand.seed ? [] : [done(completeText(account, errand))]))),
        stop$.pipe(
          withLatestFrom(state$.pipe(startWith(undefined))),
          map(([signal, state]) => stoppedBy(signal, state)),
          takeUntil(ended$),
        ),
        idleFor(errand.timeoutSeconds, state$).pipe(takeUntil(ended$)),
      ).pipe(take(1))
      const leave = (verdict: End): Observable<Output> =>
        defer(() => {
          torrent.send({ _tag: 'Stop' })
          return concat(
            verdict.code === exitCode.SIGINT ? of(say('stopping; once more leaves at once')) : [],
            race(ended$, timer(GRACE_MS)).pipe(ignoreElements()),
            verdict.code === exitCode.done
              ? []
              : maybe(report.event({ event: 'error', exitCode: verdict.code, message: verdict.text })),
            maybe(report.event({ event: 'stopped' })),
            of(verdict),
          )
        })

      return merge(
        notice$.pipe(mergeMap((notice) => maybe(report.notice(notice)))),
        report.progress(state$),
        account$.pipe(
          mergeMap((account) =>
            concat(
              maybe(report.event({ event: 'complete', path: errand.place, ...account })),
              errand.seed ? of(say(completeText(account, errand))) : [],
            ),
          ),
        ),
        verdict$.pipe(switchMap(leave)),
      )
    }),
    endWith(end(exitCode.unfinished, 'the session ended before it was done')),
    takeWhile((output) => output._tag !== 'End', true),
    catchError((error: unknown) =>
      of(end(exitCode.unexpected, plainText(error instanceof Error ? error.message : String(error)))),
    ),
  )

/** Everything that a session tells, in one stream: whoever listens to it misses nothing of the start. */
const happenings = (torrent: RunnableSession): Observable<Happening> =>
  merge(
    torrent.alert$.pipe(map((notice): Happening => ({ _tag: 'Notice', notice }))),
    torrent.state$.pipe(map((state): Happening => ({ _tag: 'State', state }))),
    torrent.complete$.pipe(map((): Happening => ({ _tag: 'Complete' }))),
  )

const maybe = (output: Output | undefined): ReadonlyArray<Output> => (output === undefined ? [] : [output])

/** Notices that end the errand. */
const verdictOf = (notice: Notice, { role, hint, place }: Errand, pieceCount: number): ReadonlyArray<End> => {
  if (notice._tag === 'StorageFailed') return [end(exitCode.disk, storageText(notice.error))]
  if (notice._tag !== 'CheckDone' || role !== 'seed' || notice.havePieces === pieceCount) return []
  const lack = `${String(pieceCount - notice.havePieces)} of ${String(pieceCount)} pieces missing or damaged`
  return [end(exitCode.notVerified, `${plainText(place)}: ${lack}; ${hint}`)]
}

const stoppedBy = (signal: StopSignal, state: SessionState | undefined): End => {
  const isHalfway = state !== undefined && !state.progress.isComplete
  const where = isHalfway
    ? ` at ${formatPercent(state.progress.fraction)}; the same command goes on from there`
    : ''
  return end(exitCode[signal], `stopped by ${signal}${where}`)
}

/** The end of a download to which nothing has come for so long. */
const idleFor = (seconds: number | undefined, state$: Observable<SessionState>): Observable<End> =>
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
            ? end(exitCode.noPeers, `no peers for ${formatDuration(seconds)}: gave up`)
            : end(
                exitCode.unfinished,
                `nothing has come for ${formatDuration(seconds)}: gave up at ${formatPercent(progress.fraction)}`,
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
  totalBytes: progress.totalBytes,
  downloaded: totals.downloaded,
  uploaded: totals.uploaded,
  seconds,
})

const completeText = (
  { totalBytes, downloaded, seconds }: Account,
  { place, seed, hint }: Errand,
): string => {
  const rate = seconds > 0 ? ` (${formatRate(downloaded / seconds)})` : ''
  const how = downloaded === 0 ? 'all there' : `downloaded in ${formatDuration(seconds)}${rate}`
  const what = `${plainText(place)}: ${formatBytes(totalBytes)}, ${how}`
  if (seed) return `${what}; seeding until stopped`
  return hint === '' ? what : `${what}\n${hint}`
}
