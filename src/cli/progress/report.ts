import {
  connect,
  distinctUntilKeyChanged,
  endWith,
  filter,
  ignoreElements,
  interval,
  map,
  merge,
  mergeMap,
  takeUntil,
  withLatestFrom,
  type MonoTypeOperatorFunction,
  type Observable,
  type SchedulerLike,
} from 'rxjs'
import type { Notice, SessionState } from '../../index.js'
import { jsonLine } from '../format/plainText.js'
import { data, live, say, type Output } from '../output.js'
import type { World } from '../world.js'
import { namedPeerTexts, type PeerNames } from './namedPeers.js'
import { noticeEvent } from './noticeEvent.js'
import { noticeText } from './noticeText.js'
import { progressEvent } from './progressEvent.js'
import { progressLines, progressText } from './progressLines.js'

/** How a session's doings are told. */
export interface Report {
  readonly progress: (state$: Observable<SessionState>) => Observable<Output>
  readonly notices: (notice$: Observable<Notice>) => Observable<Output>
  /** Further events, which a program wants to read. */
  readonly event: (event: object) => Output | undefined
}

const JSON_MS = 1_000
const PLAIN_MS = 5_000

export interface ReportOptions {
  readonly json: boolean
  readonly pieceCount: number
  readonly names: PeerNames
}

/** Pictures on a terminal; a line every few seconds elsewhere; with `--json` an object a second. */
export const reportFor = ({ json, pieceCount, names }: ReportOptions, world: World): Report => {
  if (json) {
    return {
      progress: (state$) =>
        merge(state$.pipe(distinctUntilKeyChanged('phase')), state$.pipe(everyMs(JSON_MS))).pipe(
          map((state) => data(jsonLine(progressEvent(state)))),
        ),
      notices: (notice$) =>
        notice$.pipe(
          mergeMap((notice) => {
            const event = noticeEvent(notice, pieceCount)
            return event === undefined ? [] : [data(jsonLine(event))]
          }),
        ),
      event: (event) => data(jsonLine(event)),
    }
  }
  return {
    progress: (state$) =>
      world.isLive
        ? state$.pipe(map((state) => live(progressLines(state, world.columns(), world.style))))
        : state$.pipe(
            everyMs(PLAIN_MS),
            map((state) => say(progressText(state))),
          ),
    notices: (notice$) =>
      notice$.pipe(
        connect((shared$) =>
          merge(
            shared$.pipe(
              map((notice) => noticeText(notice, pieceCount)),
              filter((text) => text !== undefined),
            ),
            shared$.pipe(namedPeerTexts(names)),
          ),
        ),
        map(say),
      ),
    event: () => undefined,
  }
}

/**
 * The latest state every `ms`, whether or not there is news. Completes with its source, without telling its last state.
 */
export const everyMs =
  (ms: number, scheduler?: SchedulerLike): MonoTypeOperatorFunction<SessionState> =>
  (state$) =>
    state$.pipe(
      connect((shared$) =>
        interval(ms, scheduler).pipe(
          withLatestFrom(shared$),
          map(([, state]) => state),
          takeUntil(shared$.pipe(ignoreElements(), endWith(true))),
        ),
      ),
    )
