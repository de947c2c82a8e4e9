import {
  defer,
  exhaustMap,
  filter,
  ignoreElements,
  interval,
  type MonoTypeOperatorFunction,
  Observable,
  type SchedulerLike,
  share,
  type Subscriber,
  tap,
} from 'rxjs'
import { inTurns } from '../operators/rx/inTurns.js'

/** The beats that make a session look at the clock; what they carry does not matter. */
export interface Pulse {
  /** Every 250 ms, while something goes on. */
  readonly fast$: Observable<unknown>
  /** Every 8 s, while nothing does: seconds do not matter to what an idle session waits for. */
  readonly slow$: Observable<unknown>
}

/** Time-outs, `have`s, rates and snapshots go by it. */
const FAST_MS = 250

const SLOW_MS = 8_000

/** For one session alone. */
export const ownPulse = (clock: SchedulerLike): Pulse => ({
  fast$: interval(FAST_MS, clock),
  slow$: interval(SLOW_MS, clock),
})

/**
 * For many: one timer, while anybody goes by it. Those that sleep are spread over the fast beats, so that they do not
 * all wake at once; those that do not hear of a beat a few at a time.
 */
export const sharedPulse = (clock: SchedulerLike): Pulse => {
  const beat$ = interval(FAST_MS, clock).pipe(share())
  const groups = Array.from({ length: SLOW_MS / FAST_MS }, (_, group) =>
    beat$.pipe(
      filter((beat) => beat % (SLOW_MS / FAST_MS) === group),
      share(),
    ),
  )
  let next = 0
  return { fast$: beat$.pipe(shareInTurns(clock)), slow$: defer(() => groups[next++ % groups.length]!) }
}

/** Sessions that hear of a beat in one turn of the loop: each takes 0.1 to 0.3 ms of it, with all that comes of it. */
const LISTENERS_A_TURN = 8

/** Turns that a beat takes, or more hear of it in each: a turn is a millisecond at least, and the next beat near. */
const MOST_TURNS = 100

const listenersATurn = (count: number): number => Math.max(LISTENERS_A_TURN, Math.ceil(count / MOST_TURNS))

/**
 * As `share`, for a source that never ends, but all listen in turns. A value that comes before the last has reached
 * everybody is dropped: whoever is that late is not helped by more of them.
 */
const shareInTurns =
  <A>(scheduler: SchedulerLike): MonoTypeOperatorFunction<A> =>
  (source$) => {
    const listeners = new Set<Subscriber<A>>()
    const tell$ = source$.pipe(
      exhaustMap((value) =>
        inTurns([...listeners], listenersATurn(listeners.size), scheduler).pipe(
          tap((listener) => {
            listener.next(value)
          }),
        ),
      ),
      ignoreElements(),
      share(),
    )
    return new Observable((listener) => {
      listeners.add(listener)
      listener.add(() => listeners.delete(listener))
      listener.add(
        tell$.subscribe({
          error: (error: unknown) => {
            listener.error(error)
          },
        }),
      )
    })
  }
