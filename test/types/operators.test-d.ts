// Compiled by `npm run test:types`, never run: a wrong type is a compiler error here.
import { of, type Observable } from 'rxjs'
import { expectTypeOf } from 'vitest'
import { failAsEvent } from '../../src/operators/rx/failAsEvent.js'
import { fifo } from '../../src/operators/rx/fifo.js'
import { shareLatest } from '../../src/operators/rx/shareLatest.js'

interface Failed {
  readonly _tag: 'Failed'
  readonly error: unknown
}

const failed = (error: unknown): Failed => ({ _tag: 'Failed', error })

// fifo and shareLatest hand on what they were given.
expectTypeOf(of(1).pipe(fifo())).toEqualTypeOf<Observable<number>>()
expectTypeOf(of('a').pipe(shareLatest())).toEqualTypeOf<Observable<string>>()

// failAsEvent adds the event to the notifications, and the handler sees an unknown error.
expectTypeOf(of(1).pipe(failAsEvent(failed))).toEqualTypeOf<Observable<number | Failed>>()
expectTypeOf(failAsEvent<number, Failed>)
  .parameter(0)
  .parameter(0)
  .toBeUnknown()

// @ts-expect-error a handler may not assume what was thrown
failAsEvent((error: Error) => error.message)
