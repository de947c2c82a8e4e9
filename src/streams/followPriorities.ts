import { EMPTY, isObservable, type Observable, startWith } from 'rxjs'
import * as O from '#fp/Option'
import { prioritiesProblem } from '../operators/piece/piecePriorities.js'
import type { SessionConfig } from '../operators/session/model.js'
import type { ValueOr$ } from '../operators/rx/valueOr.js'
import { followOption } from './followOption.js'

export type Priorities = ReadonlyArray<number>

/** The option `priorities` during one run. */
export interface FollowedPriorities {
  /** What the session begins with. */
  readonly config: Pick<SessionConfig, 'priorities' | 'awaitsPriorities'>
  /** What is said from then on. For one subscriber. */
  readonly later$: Observable<Priorities>
  readonly stop: () => void
}

/** Throws a `TypeError` for fixed priorities that do not fit the torrent. */
export const insistOnPriorities = (option: ValueOr$<Priorities> | undefined, fileCount: number): void => {
  if (option === undefined || isObservable(option)) return
  const problem = prioritiesProblem(option, fileCount)
  if (problem !== undefined) throw new TypeError(problem)
}

/** What is said at once is in force from the start; what does not fit the torrent is left to the fold to refuse. */
export const followPriorities = (
  option: ValueOr$<Priorities> | undefined,
  fileCount: number,
): FollowedPriorities => {
  if (option === undefined) return { config: {}, later$: EMPTY, stop: () => undefined }
  const { now, later$, stop } = followOption(option)
  if (O.isNone(now)) return { config: { awaitsPriorities: true }, later$, stop }
  return prioritiesProblem(now.value, fileCount) === undefined
    ? { config: { priorities: now.value }, later$, stop }
    : { config: { awaitsPriorities: true }, later$: later$.pipe(startWith(now.value)), stop }
}
