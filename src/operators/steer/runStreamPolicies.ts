import { catchError, defer, map, merge, type Observable, of, type SchedulerLike } from 'rxjs'
import type { SessionCommand } from '../session/command.js'
import { commandProblem } from '../session/commandProblem.js'
import type { StreamContext, StreamPolicy } from './policy.js'

/** A slider dragged wildly gives a hundred commands a second; a loop that feeds itself, no end of them. */
const MAX_COMMANDS_A_SECOND = 1_000

/** What comes of stream policies. */
export type Steering =
  | { readonly _tag: 'Command'; readonly command: SessionCommand }
  /** A policy gave nonsense, or has ended with an error. */
  | { readonly _tag: 'Failed'; readonly message: string }

/**
 * All that the policies say, merged. A policy that throws or errors, when it is called or later, ends with a `Failed`;
 * the others go on. Never errors.
 */
export const runStreamPolicies = (
  policies: ReadonlyArray<StreamPolicy>,
  context: StreamContext,
): Observable<Steering> =>
  merge(
    ...policies.map((policy) =>
      defer(() => policy(context)).pipe(
        bounded(context.clock),
        map(toSteering),
        catchError((thrown: unknown) => of(failure(thrown))),
      ),
    ),
  )

const toSteering = (command: SessionCommand): Steering => {
  const problem = commandProblem(command)
  return problem === undefined ? { _tag: 'Command', command } : { _tag: 'Failed', message: problem }
}

const failure = (thrown: unknown): Steering => ({
  _tag: 'Failed',
  message: thrown instanceof Error ? thrown.message : 'threw a value that is no Error',
})

const bounded =
  (clock: SchedulerLike) =>
  <A>(source$: Observable<A>): Observable<A> =>
    defer(() => {
      let since = clock.now()
      let count = 0
      return source$.pipe(
        map((value) => {
          const now = clock.now()
          if (now - since >= 1_000) {
            since = now
            count = 0
          }
          if (++count > MAX_COMMANDS_A_SECOND) throw new Error('too many commands within a second')
          return value
        }),
      )
    })
