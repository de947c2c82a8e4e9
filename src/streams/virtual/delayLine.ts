import type { Subscription } from 'rxjs'
import type { Clock } from '../deps.js'

/** Things on their way: what goes in comes out later, in the same order. One timer, whatever its length. */
export interface DelayLine<T> {
  /** Comes out at `at`, or behind what went in before it if that is later. */
  readonly push: (item: T, at: number) => void
  readonly isEmpty: () => boolean
  /** Tries again after `isBlocked` held something back. */
  readonly retry: () => void
  /** Drops everything, the timer too. */
  readonly clear: () => void
}

interface Entry<T> {
  readonly item: T
  readonly at: number
  next: Entry<T> | undefined
}

/**
 * @param deliver - gets each item when it is due; may push and clear.
 * @param isBlocked - asked before each delivery; true holds the line until `retry`.
 */
export const createDelayLine = <T>(
  clock: Clock,
  deliver: (item: T) => void,
  isBlocked: () => boolean = () => false,
): DelayLine<T> => {
  let head: Entry<T> | undefined
  let tail: Entry<T> | undefined
  let timer: Subscription | undefined
  let isDelivering = false

  const arm = (): void => {
    if (head === undefined || timer !== undefined || isDelivering) return
    timer = clock.schedule(deliverDue, head.at - clock.now())
  }
  const deliverDue = (): void => {
    timer = undefined
    isDelivering = true
    let isHeld = false
    while (head !== undefined && head.at <= clock.now()) {
      isHeld = isBlocked()
      if (isHeld) break
      const { item } = head
      head = head.next
      if (head === undefined) tail = undefined
      deliver(item)
    }
    isDelivering = false
    if (!isHeld) arm()
  }

  return {
    push: (item, at) => {
      const entry: Entry<T> = { item, at: tail === undefined ? at : Math.max(at, tail.at), next: undefined }
      if (tail === undefined) head = entry
      else tail.next = entry
      tail = entry
      arm()
    },
    isEmpty: () => head === undefined,
    retry: arm,
    clear: () => {
      timer?.unsubscribe()
      timer = undefined
      head = undefined
      tail = undefined
    },
  }
}
