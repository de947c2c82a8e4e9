import { filter, map, take } from 'rxjs'
import type { SessionCommand } from '../session/command.js'
import type { StreamPolicy } from './policy.js'
import { shareRatio } from './shareRatio.js'

/**
 * Stops the session once it seeds and has given back `ratio` times what it took (see `shareRatio`); with another
 * command, says that instead. It does so once.
 *
 * @example
 * ```ts
 * session(metainfo, { directory, streamPolicies: [stopAtRatio(2)] })
 * ```
 */
export const stopAtRatio =
  (ratio: number, command: SessionCommand = { _tag: 'Stop' }): StreamPolicy =>
  ({ state$ }) =>
    state$.pipe(
      filter((state) => state.phase === 'seeding' && shareRatio(state) >= ratio),
      take(1),
      map(() => command),
    )
