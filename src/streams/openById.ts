import type { Subscription } from 'rxjs'

/** Subscriptions by id, each for as long as it is open. */
export interface OpenById {
  readonly add: (id: number, subscription: Subscription) => void
  /** Ends the one of that id; false where there is none. */
  readonly end: (id: number) => boolean
  readonly size: () => number
}

export const createOpenById = (): OpenById => {
  const open = new Map<number, Subscription>()
  return {
    add: (id, subscription) => {
      open.set(id, subscription)
      // At once, where it has ended already.
      subscription.add(() => {
        if (open.get(id) === subscription) open.delete(id)
      })
    },
    end: (id) => {
      const subscription = open.get(id)
      subscription?.unsubscribe()
      return subscription !== undefined
    },
    size: () => open.size,
  }
}
