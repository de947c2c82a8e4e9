import { type Observable, Subscription } from 'rxjs'
import { type Buffering, createWaitingRoom } from './buffering.js'

interface Waiter<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void
  readonly reject: (error: unknown) => void
}

/**
 * One walk through an Observable: subscribes at the first `next`, unsubscribes at `return`, `throw`, an error or the
 * end. `onDemand` is called for each `next`, after the source is subscribed.
 *
 * @internal
 */
export const iterate = <T>(
  source$: Observable<T>,
  buffering: Buffering,
  onDemand: () => void = () => undefined,
): AsyncIterableIterator<T, undefined, undefined> => {
  const room = createWaitingRoom<T>(buffering)
  const waiters: Waiter<T>[] = []
  const subscription = new Subscription()
  let isStarted = false
  let isOver = false
  /** Told once, after what waits has been taken. */
  let failure: { readonly error: unknown } | undefined

  const end = (because?: { readonly error: unknown }): void => {
    if (isOver) return
    isOver = true
    failure = because
    subscription.unsubscribe()
    // Whoever waits does so because nothing is left to take.
    for (const waiter of waiters.splice(0)) settle(waiter)
  }
  const settle = ({ resolve, reject }: Waiter<T>): void => {
    const told = failure
    failure = undefined
    if (told === undefined) resolve({ done: true, value: undefined })
    else reject(told.error)
  }
  const start = (): void => {
    isStarted = true
    subscription.add(
      source$.subscribe({
        next: (value) => {
          if (isOver) return
          const waiter = waiters.shift()
          if (waiter !== undefined) waiter.resolve({ done: false, value })
          else if (!room.add(value)) end({ error: overflow(buffering) })
        },
        error: (error: unknown) => {
          end({ error })
        },
        complete: () => {
          end()
        },
      }),
    )
  }
  const leave = (): void => {
    room.clear()
    end()
    failure = undefined
  }

  return {
    next: () =>
      new Promise((resolve, reject) => {
        const ready = room.take()
        if (ready !== undefined) {
          resolve({ done: false, value: ready.value })
          return
        }
        if (isOver) {
          settle({ resolve, reject })
          return
        }
        waiters.push({ resolve, reject })
        if (!isStarted) start()
        onDemand()
      }),
    return: () => {
      leave()
      return Promise.resolve({ done: true, value: undefined })
    },
    throw: (error: Error) => {
      leave()
      return Promise.reject(error)
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}

const overflow = (buffering: Buffering): RangeError =>
  new RangeError(
    `more than ${buffering === 'latest' ? '1' : String(buffering.all)} values wait to be read: read faster, or keep the latest only`,
  )
