/** One pending piece of work. The heap owns `order` and `position`. */
export interface Timer {
  /** When, in milliseconds. */
  due: number
  run: () => void
  order: number
  /** Index in the heap; -1 while not in it. */
  position: number
}

/** A binary heap of timers: earliest first, and first come first served among equal times. */
export interface TimerHeap {
  readonly size: () => number
  readonly peek: () => Timer | undefined
  /** Adds the timer, behind all others that are due at the same time; one already in moves. */
  readonly add: (timer: Timer) => void
  /** Takes the timer out, if it is in. */
  readonly remove: (timer: Timer) => void
}

export const createTimer = (run: () => void): Timer => ({ due: 0, run, order: 0, position: -1 })

/** Adding and removing are O(log n), and a timer taken out is let go of at once. */
export const createTimerHeap = (): TimerHeap => {
  const heap: Timer[] = []
  let added = 0

  const isBefore = (a: Timer, b: Timer): boolean => a.due < b.due || (a.due === b.due && a.order < b.order)

  const put = (timer: Timer, position: number): void => {
    heap[position] = timer
    timer.position = position
  }

  const siftUp = (timer: Timer, from: number): void => {
    let position = from
    while (position > 0) {
      const up = (position - 1) >> 1
      const parent = heap[up]!
      if (!isBefore(timer, parent)) break
      put(parent, position)
      position = up
    }
    put(timer, position)
  }

  const siftDown = (timer: Timer, from: number): void => {
    const size = heap.length
    let position = from
    for (;;) {
      let down = 2 * position + 1
      if (down >= size) break
      if (down + 1 < size && isBefore(heap[down + 1]!, heap[down]!)) down++
      const child = heap[down]!
      if (!isBefore(child, timer)) break
      put(child, position)
      position = down
    }
    put(timer, position)
  }

  const remove = (timer: Timer): void => {
    const { position } = timer
    if (position < 0) return
    timer.position = -1
    const last = heap.pop()!
    if (last === timer) return
    siftUp(last, position)
    siftDown(last, last.position)
  }

  return {
    size: () => heap.length,
    peek: () => heap[0],
    add: (timer) => {
      remove(timer)
      timer.order = added++
      siftUp(timer, heap.length)
    },
    remove,
  }
}
