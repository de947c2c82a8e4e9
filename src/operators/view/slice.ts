import { distinctUntilChanged, map, type OperatorFunction } from 'rxjs'
import type { SessionState } from '../session/state.js'

/**
 * One part of the state, when it changes.
 *
 * 1. Each state is mapped to the part named.
 * 2. It is emitted if it is not the very value emitted last: unchanged parts keep their identity from state to state.
 * 3. Errors and completion pass through.
 *
 * @example
 * ```ts
 * session.state$.pipe(slice('progress')).subscribe((progress) => bar.set(progress.fraction))
 * ```
 */
export const slice = <K extends keyof SessionState>(
  key: K,
): OperatorFunction<SessionState, SessionState[K]> => {
  return (state$) =>
    state$.pipe(
      map((state) => state[key]),
      distinctUntilChanged(),
    )
}
