import { distinctUntilChanged, map, type Observable, pipe, type UnaryFunction } from 'rxjs'
import type { RateLimits } from '../rate/policy.js'
import type { SessionCommand } from '../session/command.js'

/** Limits as commands to the session, each when it differs from the last. */
export const asLimitCommands = (): UnaryFunction<Observable<RateLimits>, Observable<SessionCommand>> =>
  pipe(
    distinctUntilChanged((a, b) => a.down === b.down && a.up === b.up),
    map(({ down, up }) => ({ _tag: 'SetLimits', scope: 'session', down, up })),
  )
