import { EMPTY, isObservable, map, type Observable, startWith } from 'rxjs'
import * as O from '#fp/Option'
import { prioritiesProblem } from '../operators/piece/piecePriorities.js'
import type { SessionCommand } from '../operators/session/command.js'
import type { SessionConfig } from '../operators/session/model.js'
import { followOption, type ValueOr$ } from './followOption.js'

export type Priorities = ReadonlyArray<number>

/** The option `priorities` during one run. */
export interface FollowedPriorities {
  /** What the session begins with. */
  readonly config: Pick<SessionConfig, 'priorities' | 'awaitsPriorities'>
  readonly command$: Observable<SessionCommand>
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
  if (option === undefined) return { config: {}, command$: EMPTY, stop: () => undefined }
  const { now, later$, stop } = followOption(option)
  const command$ = later$.pipe(map(commandOf))
  if (O.isNone(now)) return { config: { awaitsPriorities: true }, command$, stop }
  return prioritiesProblem(now.value, fileCount) === undefined
    ? { config: { priorities: now.value }, command$, stop }
    : { config: { awaitsPriorities: true }, command$: command$.pipe(startWith(commandOf(now.value))), stop }
}

const commandOf = (priorities: Priorities): SessionCommand => ({ _tag: 'SetPriorities', priorities })
