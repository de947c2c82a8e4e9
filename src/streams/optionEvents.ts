import { EMPTY, isObservable, map, type Observable } from 'rxjs'
import { failAsEvent } from '../operators/rx/failAsEvent.js'
import type { SessionCommand } from '../operators/session/command.js'
import type { SessionEvent } from '../operators/session/event.js'
import type { ValueOr$ } from '../operators/rx/valueOr.js'
import type { Clock } from './deps.js'

/** A value that is there from the start; undefined for one that comes as a stream. */
export const valueOf = <A>(option: ValueOr$<A> | undefined): A | undefined =>
  isObservable(option) ? undefined : option

/** What a stream says, as commands; its failure is an event too. A plain value says nothing: it is configuration. */
export const optionEvents = <A>(
  clock: Clock,
  option: string,
  value: ValueOr$<A> | undefined,
  toCommand: (value: A) => SessionCommand,
): Observable<SessionEvent> =>
  isObservable(value)
    ? value.pipe(
        map((next): SessionEvent => ({ _tag: 'Command', at: clock.now(), command: toCommand(next) })),
        failAsEvent((thrown): SessionEvent => ({
          _tag: 'OptionFailed',
          at: clock.now(),
          option,
          message: thrown instanceof Error ? thrown.message : 'threw a value that is no Error',
        })),
      )
    : EMPTY
