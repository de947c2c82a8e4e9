import { Observable, type OperatorFunction } from 'rxjs'
import { relay } from './relay.js'

/**
 * From the turns of a model that changes in place to snapshots that do not change, at a bearable rate.
 *
 * 1. The first turn is snapshotted at once.
 * 2. A turn for which `isUrgent` holds is snapshotted at once.
 * 3. Any other turn is snapshotted on the next tick; a tick without a turn since the last snapshot emits nothing.
 * 4. When the source completes, turns without a snapshot yet get one, then the result completes.
 * 5. Errors of the source, of `tick$`, and what the callbacks throw are errors of the result, which come at once.
 * 6. When `tick$` completes, only urgent turns and completion are left to emit.
 *
 * `tick$` is subscribed first. `takeSnapshot` is called once per emission and never after unsubscription; it gets the
 * latest turn, which is the same object each time when the model is mutable.
 *
 * @example
 * ```ts
 * turn$.pipe(snapshotEvery(interval(250, clock), takeSnapshot, (turn) => turn.hasNewPhase), shareLatest())
 * ```
 */
export const snapshotEvery =
  <T, S>(
    tick$: Observable<unknown>,
    takeSnapshot: (turn: T) => S,
    isUrgent: (turn: T) => boolean = () => false,
  ): OperatorFunction<T, S> =>
  (source$) =>
    new Observable<S>((subscriber) => {
      let latest: { turn: T } | undefined
      let isDirty = false

      const fail = (error: unknown): void => {
        subscriber.error(error)
      }
      const emit = (turn: T): void => {
        isDirty = false
        let snapshot: S
        try {
          snapshot = takeSnapshot(turn)
        } catch (error) {
          fail(error)
          return
        }
        subscriber.next(snapshot)
      }
      const emitIfDirty = (): void => {
        if (isDirty && latest !== undefined) emit(latest.turn)
      }
      const isDue = (turn: T): boolean => {
        if (latest !== undefined) {
          latest.turn = turn
          return isUrgent(turn)
        }
        latest = { turn }
        return true
      }

      relay(tick$, subscriber, { next: emitIfDirty, error: fail, complete: () => undefined })
      relay(source$, subscriber, {
        next: (turn) => {
          isDirty = true
          try {
            if (!isDue(turn)) return
          } catch (error) {
            fail(error)
            return
          }
          emit(turn)
        },
        error: fail,
        complete: () => {
          emitIfDirty()
          subscriber.complete()
        },
      })
    })
