import { filter, map, type OperatorFunction, take } from 'rxjs'
import type { Progress, SessionState } from '../session/state.js'

/**
 * The progress once every piece that is wanted is verified and flushed to the device: one value, then completion. Completes without a
 * value when the session stops before that.
 *
 * @example
 * ```ts
 * await firstValueFrom(session.state$.pipe(whenComplete()))
 * ```
 */
export const whenComplete = (): OperatorFunction<SessionState, Progress> => (state$) =>
  state$.pipe(
    map((state) => state.progress),
    filter((progress) => progress.isDone),
    take(1),
  )
