import { describe, expect, it } from 'vitest'
import { createInbox } from '../../../src/operators/rx/inbox.js'

describe('createInbox', () => {
  it('delivers in the order of arrival what deliveries bring about', () => {
    const seen: number[] = []
    const inbox = createInbox<number>(
      (n) => {
        if (n < 10) inbox.put(n * 10)
        seen.push(n)
        if (n < 10) inbox.put(n * 10 + 1)
      },
      () => false,
    )
    inbox.put(1)
    inbox.put(2)
    expect(seen).toEqual([1, 10, 11, 2, 20, 21])
  })

  it('has no depth', () => {
    let last = 0
    const inbox = createInbox<number>(
      (n) => {
        last = n
        if (n < 100_000) inbox.put(n + 1)
      },
      () => false,
    )
    inbox.put(1)
    expect(last).toBe(100_000)
  })

  it('drops what waits, and takes nothing more, once it is closed', () => {
    const seen: number[] = []
    const inbox = createInbox<number>(
      (n) => {
        seen.push(n)
        if (n === 1) for (const next of [2, 3, 4]) inbox.put(next)
      },
      () => seen.length === 2,
    )
    inbox.put(1)
    inbox.put(5)
    expect(seen).toEqual([1, 2])
  })

  it('tells of the end at once, or after all that was under way', () => {
    const seen: (number | string)[] = []
    const inbox = createInbox<number>(
      (n) => {
        if (n === 1) {
          inbox.end(() => seen.push('end'))
          inbox.put(2)
        }
        seen.push(n)
      },
      () => false,
    )
    inbox.put(1)
    expect(seen).toEqual([1, 2, 'end'])
    const idle = createInbox<number>(
      (n) => seen.push(n),
      () => false,
    )
    idle.end(() => seen.push('end at once'))
    expect(seen.at(-1)).toBe('end at once')
  })
})
