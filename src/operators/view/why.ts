import { distinctUntilChanged, map, type OperatorFunction } from 'rxjs'
import { explain, type ExplainContext } from '../explain/explain.js'
import type { Reason } from '../explain/reason.js'
import type { SessionState } from '../session/state.js'

/**
 * Why nothing, or little, is moving, when that changes.
 *
 * 1. Each state is explained; an empty list means that all is well.
 * 2. It is emitted if it says something else than the one before.
 * 3. Errors and completion pass through.
 *
 * @example
 * ```ts
 * session.state$.pipe(why()).subscribe((reasons) => console.log(reasons.map(({ _tag }) => _tag)))
 * ```
 */
export const why =
  (context?: ExplainContext): OperatorFunction<SessionState, ReadonlyArray<Reason>> =>
  (state$) =>
    state$.pipe(
      map((state) => explain(state, context)),
      distinctUntilChanged((a, b) => JSON.stringify(a) === JSON.stringify(b)),
    )
