/**
 * What becomes of values that come faster than they are taken.
 *
 * - `'latest'`: the newest one replaces the one that waits. For states, where an old one is of no use.
 * - `{ all: limit }`: up to `limit` wait, in order; one more is an overflow, which fails the reader once it has taken
 *   those that wait. For things that happen, none of which may be missed.
 */
export type Buffering = 'latest' | { readonly all: number }

/** Values on their way to a reader, in order. */
export interface WaitingRoom<T> {
  /** False where there is no room. */
  readonly add: (value: T) => boolean
  readonly take: () => { readonly value: T } | undefined
  readonly clear: () => void
}

export const createWaitingRoom = <T>(buffering: Buffering): WaitingRoom<T> => {
  const limit = buffering === 'latest' ? 1 : buffering.all
  // Taken from `head` on: shifting a long array would move all of it.
  let values: T[] = []
  let head = 0
  return {
    add: (value) => {
      if (values.length - head >= limit) {
        if (buffering !== 'latest') return false
        values[head] = value
        return true
      }
      values.push(value)
      return true
    },
    take: () => {
      if (head === values.length) return undefined
      const value = values[head++]!
      if (head === values.length || head > 1_024) {
        values = values.slice(head)
        head = 0
      }
      return { value }
    },
    clear: () => {
      values = []
      head = 0
    },
  }
}
