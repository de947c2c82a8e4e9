/** Where values come in that bring about others: `fifo` without an Observable on either side. */
export interface Inbox<T> {
  /** Delivers at once, or after the one that is being delivered and all that came earlier. */
  readonly put: (value: T) => void
  /** Tells of the end when nothing is being delivered any more. */
  readonly end: (tell: () => void) => void
}

/**
 * See `fifo` for the order. What waits is dropped once `isClosed`, and nothing comes in any more.
 *
 * @internal
 */
export const createInbox = <T>(deliver: (value: T) => void, isClosed: () => boolean): Inbox<T> => {
  let waiting: T[] = []
  let spare: T[] = []
  let isDelivering = false
  let end: (() => void) | undefined

  // The two arrays take turns: one is read from the front while the other one fills.
  const drain = (): void => {
    const batch = waiting
    waiting = spare
    spare = batch
    for (const queued of batch) {
      if (isClosed()) break
      deliver(queued)
    }
    batch.length = 0
    if (isClosed()) waiting.length = 0
  }

  return {
    put: (value) => {
      if (isDelivering) {
        waiting.push(value)
        return
      }
      if (isClosed()) return
      isDelivering = true
      try {
        deliver(value)
        while (waiting.length > 0) drain()
      } finally {
        // A bug of who is delivered to is his: the next value is not to wait for it.
        isDelivering = false
      }
      end?.()
    },
    end: (tell) => {
      end = tell
      if (!isDelivering) tell()
    },
  }
}
