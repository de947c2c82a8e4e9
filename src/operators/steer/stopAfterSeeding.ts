import { distinctUntilChanged, EMPTY, map, scan, switchMap, take } from 'rxjs'
import { after } from '../rx/after.js'
import type { SessionCommand } from '../session/command.js'
import type { SessionState } from '../session/state.js'
import type { StreamPolicy } from './policy.js'

/** How long it has seeded before `since`, and whether it does from then on. */
interface Seeding {
  readonly isSeeding: boolean
  readonly since: number
  readonly spentMs: number
}

/**
 * Stops the session once it has seeded for so long, pauses not counted; with another command, says that instead. It
 * does so once. Counts from the start of this run.
 *
 * @example
 * ```ts
 * session(metainfo, { directory, streamPolicies: [stopAfterSeeding(24 * 60 * 60_000)] })
 * ```
 */
export const stopAfterSeeding =
  (ms: number, command: SessionCommand = { _tag: 'Stop' }): StreamPolicy =>
  ({ state$, clock }) =>
    state$.pipe(
      distinctUntilChanged((a, b) => isSeeding(a) === isSeeding(b)),
      scan(count, { isSeeding: false, since: 0, spentMs: 0 }),
      switchMap((seeding) => (seeding.isSeeding ? after(ms - seeding.spentMs, clock) : EMPTY)),
      take(1),
      map(() => command),
    )

const isSeeding = ({ phase }: SessionState): boolean => phase === 'seeding'

const count = (before: Seeding, state: SessionState): Seeding => ({
  isSeeding: isSeeding(state),
  since: state.at,
  spentMs: before.spentMs + (before.isSeeding ? state.at - before.since : 0),
})
