import {
  connect,
  distinctUntilChanged,
  map,
  merge,
  pipe,
  sampleTime,
  take,
  takeLast,
  type MonoTypeOperatorFunction,
  type Observable,
} from 'rxjs'
import { formatBar } from '../format/bar.js'
import { jsonLine } from '../format/plainText.js'
import { formatPercent } from '../format/percent.js'
import { formatPieceMap } from '../format/pieceMap.js'
import { data, live, say, type Output } from '../output.js'
import type { World } from '../world.js'

/** How far a piece of work is that has nothing to do with peers: hashing, verifying. */
export interface Work {
  readonly what: string
  /** 0 to 1. */
  readonly share: number
  /** For the piece map: see `pieceStatus`. */
  readonly status?: Uint8Array
  /** What `--json` tells of it. */
  readonly event: object
}

type Terminal = Pick<World, 'isLive' | 'style' | 'columns'>

const LIVE_MS = 100
const JSON_MS = 1_000
const PLAIN_MS = 5_000
const BAR_COLUMNS = 30

/**
 * Work in the same three forms as a session's progress: pictures, lines, or JSON objects. Only of steps that are told is
 * `workOf` asked: there may be thousands a second, and a picture looks at all pieces.
 */
export const tellWork =
  <A>(json: boolean, world: Terminal, workOf: (step: A) => Work) =>
  (step$: Observable<A>): Observable<Output> => {
    if (json) {
      return step$.pipe(
        paced(JSON_MS),
        map((step) => data(jsonLine(workOf(step).event))),
      )
    }
    return world.isLive
      ? step$.pipe(
          paced(LIVE_MS),
          map((step) => live(picture(workOf(step), world))),
        )
      : step$.pipe(
          sampleTime(PLAIN_MS),
          map((step) => {
            const { what, share } = workOf(step)
            return say(`${formatPercent(share)}  ${what}`)
          }),
        )
  }

/** The first, the latest every so many milliseconds where there is news, and the very last at once. */
const paced = <A>(ms: number): MonoTypeOperatorFunction<A> =>
  pipe(
    connect((shared$) =>
      merge(shared$.pipe(take(1)), shared$.pipe(sampleTime(ms)), shared$.pipe(takeLast(1))),
    ),
    distinctUntilChanged(),
  )

const picture = (
  { what, share, status }: Work,
  { style: { glyphs, paint }, columns }: Terminal,
): ReadonlyArray<string> => {
  const room = Math.max(0, Math.min(BAR_COLUMNS, columns() - what.length - 10))
  const line = `${formatPercent(share).padStart(6)}  ${paint('cyan', formatBar(share, room, glyphs))}  ${what}`
  return status === undefined ? [line] : [line, paint('cyan', formatPieceMap(status, columns(), glyphs))]
}
