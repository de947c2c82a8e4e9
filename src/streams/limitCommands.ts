import {
  catchError,
  defer,
  EMPTY,
  merge,
  mergeMap,
  type Observable,
  of,
  scheduled,
  type SchedulerLike,
} from 'rxjs'
import { isLimit } from '../operators/rate/limit.js'
import type { GroupRule } from '../operators/rate/peerGroup.js'
import type { RateLimits } from '../operators/rate/policy.js'
import { type ValueOr$, valuesOf } from '../operators/rx/valueOr.js'
import type { SessionCommand } from '../operators/session/command.js'

/**
 * Bytes of payload per second in each direction: numbers, or Observables of them. `Infinity` is no limit, 0 lets nothing
 * through. An Observable that has not emitted yet sets no limit; one that fails is told of on `alert$`, and its last
 * value stays. One made from the streams of its own session would keep that session running: the rate policy sees the
 * state too.
 */
export interface LimitOptions {
  readonly down?: ValueOr$<number>
  readonly up?: ValueOr$<number>
}

/**
 * Peers that share limits of their own, beside those of their session.
 *
 * @example
 * ```ts
 * const abroad: PeerGroup = { name: 'abroad', includes: ({ host }) => !host.startsWith('192.168.'), up: 100_000 }
 * ```
 */
export interface PeerGroup extends GroupRule, LimitOptions {}

/**
 * The limits among the options as commands: what is known at once, at once, so that it holds before the first byte. What
 * will only bring a notice comes a little later, for whoever subscribes to `alert$` second. Cold, and never fails.
 */
export const limitCommands = (
  limits: LimitOptions | undefined,
  groups: ReadonlyArray<PeerGroup>,
  clock: SchedulerLike,
): Observable<SessionCommand> =>
  merge(
    limits === undefined
      ? EMPTY
      : follow(limits, clock, ({ down, up }) => ({ _tag: 'SetLimits', scope: 'session', down, up })),
    ...groups.map((group) =>
      follow(group, clock, ({ down, up }) => ({ _tag: 'SetGroupLimits', group: group.name, down, up })),
    ),
  )

const follow = (
  options: LimitOptions,
  clock: SchedulerLike,
  toCommand: (limits: RateLimits) => SessionCommand,
): Observable<SessionCommand> =>
  defer(() => {
    let last: RateLimits = { down: Infinity, up: Infinity }
    const commandsOf = (direction: keyof RateLimits): Observable<SessionCommand> => {
      const option = options[direction]
      if (option === undefined) return EMPTY
      return valuesOf(option).pipe(
        mergeMap((value) => {
          const next = { ...last, [direction]: value }
          // The session refuses it, and goes on with what it has.
          if (!isLimit(value)) return scheduled([toCommand(next)], clock)
          last = next
          return of(toCommand(next))
        }),
        catchError((thrown: unknown) => scheduled([reportFailure(thrown)], clock)),
      )
    }
    return merge(commandsOf('down'), commandsOf('up'))
  })

const reportFailure = (thrown: unknown): SessionCommand => ({
  _tag: 'ReportFailure',
  policy: 'limits',
  message: thrown instanceof Error ? thrown.message : 'failed with a value that is no Error',
})
