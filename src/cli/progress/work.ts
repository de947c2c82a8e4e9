import {
  connect,
  distinctUntilChanged,
  map,
  merge,
  sampleTime,
  takeLast,
  throttleTime,
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

const JSON_MS = 1_000
const PLAIN_MS = 5_000
const BAR_COLUMNS = 30

/** Work in the same three forms as a session's progress: pictures, lines, or JSON objects. */
export const tellWork =
  (json: boolean, world: World) =>
  (work$: Observable<Work>): Observable<Output> => {
    if (json) {
      return work$.pipe(
        connect((shared$) => merge(shared$.pipe(throttleTime(JSON_MS)), shared$.pipe(takeLast(1)))),
        distinctUntilChanged(),
        map(({ event }) => data(jsonLine(event))),
      )
    }
    return world.isLive
      ? work$.pipe(map((work) => live(picture(work, world))))
      : work$.pipe(
          sampleTime(PLAIN_MS),
          map(({ what, share }) => say(`${formatPercent(share)}  ${what}`)),
        )
  }

const picture = (
  { what, share, status }: Work,
  { style: { glyphs, paint }, columns }: World,
): ReadonlyArray<string> => {
  const room = Math.max(0, Math.min(BAR_COLUMNS, columns() - what.length - 10))
  const line = `${formatPercent(share).padStart(6)}  ${paint('cyan', formatBar(share, room, glyphs))}  ${what}`
  return status === undefined ? [line] : [line, paint('cyan', formatPieceMap(status, columns(), glyphs))]
}
