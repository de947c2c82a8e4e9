import type { Observable, SchedulerLike } from 'rxjs'
import type { SessionCommand } from '../session/command.js'
import type { Notice } from '../session/notice.js'
import type { SessionState } from '../session/state.js'

/**
 * Steers a session from what it shows: "stop at ratio 2", a timetable of limits, a window that follows the reader.
 * Called once for each run of the session; its commands go through the same queue as the user's.
 *
 * A policy that throws, errors or floods the session with commands is reported (`PolicyFailed`, on `alert$`) and ended; a command
 * that is nonsense is reported and left out. The session and the other policies go on.
 *
 * @example
 * ```ts
 * const stopWhenDone: StreamPolicy = ({ state$ }) =>
 *   state$.pipe(first(({ phase }) => phase === 'seeding'), map(() => ({ _tag: 'Stop' })))
 * ```
 */
export type StreamPolicy = (context: StreamContext) => Observable<SessionCommand>

export interface StreamContext {
  /** As `session.state$`: the latest at once, then as it changes. Completes when the session has stopped. */
  readonly state$: Observable<SessionState>
  /** As `session.alert$`, from the session's first event on. */
  readonly notice$: Observable<Notice>
  /** The session's clock, for timers. */
  readonly clock: SchedulerLike
}
