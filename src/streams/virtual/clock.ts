import { type SchedulerAction, Subscription } from 'rxjs'
import type { Clock } from '../deps.js'
import { createTimer, createTimerHeap } from './timerHeap.js'

/** A clock that stands still until it is told to go on. A drop-in for RxJS's own schedulers. */
export interface VirtualClock extends Clock {
  /** How much work waits. */
  readonly pending: () => number
  /** Runs what is due up to `time`, in order, and stands at `time`. Going back is ignored. */
  readonly advanceTo: (time: number) => void
  /** The same, relative to now. */
  readonly advanceBy: (ms: number) => void
  /**
   * Jumps from timer to timer until `isDone` answers true, nothing waits any more, or the next timer lies beyond
   * `limitMs` from now. `isDone` is asked first and after each timer; the answer is its last one. Without `isDone`:
   * whether all work is done.
   */
  readonly run: (isDone?: () => boolean, limitMs?: number) => boolean
}

const ONE_DAY = 86_400_000

/**
 * Virtual time for whole swarms: a scheduler over a binary heap, so that many thousand timers are cheap.
 *
 * Work never runs inside `schedule`, not with a delay of 0 either. Work that is due at the same time runs in the order
 * it was scheduled in. A negative delay counts as 0. What work throws comes out of the call that advanced the clock.
 *
 * @param startMs - what `now()` answers at first.
 *
 * @example
 * ```ts
 * const clock = createVirtualClock()
 * const seen: number[] = []
 * interval(1_000, clock).subscribe((n) => seen.push(n))
 * clock.advanceBy(3_000)
 * seen // [0, 1, 2]
 * ```
 */
export const createVirtualClock = (startMs = 0): VirtualClock => {
  const timers = createTimerHeap()
  let time = startMs

  const schedule = <T>(
    work: (this: SchedulerAction<T>, state: T) => void,
    delay = 0,
    state?: T,
  ): Subscription => {
    // RxJS passes the state on as it got it: `undefined` is what a caller without one has asked for.
    let current = state as T
    const timer = createTimer(() => {
      work.call(action, current)
    })
    const action: SchedulerAction<T> = Object.assign(
      new Subscription(() => {
        timers.remove(timer)
      }),
      {
        schedule: (next?: T, nextDelay = 0): Subscription => {
          if (action.closed) return action
          current = next as T
          timer.due = time + (nextDelay > 0 ? nextDelay : 0)
          timers.add(timer)
          return action
        },
      },
    )
    return action.schedule(state, delay)
  }

  /** Runs the first timer unless it is due after `deadline`. */
  const step = (deadline: number): boolean => {
    const timer = timers.peek()
    if (timer === undefined || timer.due > deadline) return false
    timers.remove(timer)
    time = Math.max(time, timer.due)
    timer.run()
    return true
  }

  const advanceTo = (target: number): void => {
    while (step(target));
    time = Math.max(time, target)
  }

  return {
    now: () => time,
    schedule,
    pending: timers.size,
    advanceTo,
    advanceBy: (ms) => {
      advanceTo(time + ms)
    },
    run: (isDone, limitMs = ONE_DAY) => {
      const deadline = time + limitMs
      for (;;) {
        if (isDone?.() === true) return true
        if (!step(deadline)) return isDone === undefined && timers.size() === 0
      }
    },
  }
}
