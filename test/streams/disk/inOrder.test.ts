import { fc, it as check } from '@fast-check/vitest'
import { Subject, of, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { inOrder } from '../../../src/streams/disk/inOrder.js'

const follow = (width: number, count: number) => {
  const inner = Array.from({ length: count }, () => new Subject<Either<string, number>>())
  const log: unknown[] = []
  const begun: number[] = []
  const subscription = inOrder(width, count, (index) => {
    begun.push(index)
    return inner[index]!
  }).subscribe({
    next: (value) => log.push(value),
    error: (error: unknown) => log.push(error),
    complete: () => log.push('complete'),
  })
  const answer = (index: number, value: Either<string, number> = E.right(index)): void => {
    inner[index]!.next(value)
    inner[index]!.complete()
  }
  return { inner, log, begun, answer, subscription }
}

describe('inOrder', () => {
  it('passes answers on in the order of their numbers', () => {
    const { log, begun, answer } = follow(2, 3)
    answer(1)
    expect([log, begun]).toEqual([[], [0, 1, 2]])
    answer(2)
    answer(0)
    expect(log).toEqual([E.right(0), E.right(1), E.right(2), 'complete'])
  })

  it('does not run far ahead of one that takes long', () => {
    const { begun, answer } = follow(2, 100)
    for (const index of [1, 2, 3]) answer(index)
    expect(begun).toEqual([0, 1, 2, 3])
    answer(0)
    expect(begun).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('ends at the Left whose turn it is, and lets the others go', () => {
    const { inner, log, answer } = follow(3, 9)
    answer(1, E.left('no'))
    expect(log).toEqual([])
    answer(0)
    expect(log).toEqual([E.right(0), E.left('no'), 'complete'])
    expect(inner.some(({ observed }) => observed)).toBe(false)
  })

  it('lets all go when it is left, and when one of them errs', () => {
    const { inner, subscription } = follow(2, 3)
    subscription.unsubscribe()
    expect(inner.some(({ observed }) => observed)).toBe(false)
    const errors: unknown[] = []
    inOrder(2, 2, () => throwError(() => 'bug')).subscribe({ error: (error: unknown) => errors.push(error) })
    expect(errors).toEqual(['bug'])
  })

  it('takes 100 000 that complete at once, and none at all', () => {
    let seen = 0
    let ends = 0
    for (const count of [100_000, 0])
      inOrder(3, count, (index) => of(E.right(index))).subscribe({
        next: () => (seen += 1),
        error: expect.unreachable,
        complete: () => (ends += 1),
      })
    expect([seen, ends]).toEqual([100_000, 2])
  })

  check.prop([fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 20 }), fc.infiniteStream(fc.nat())])(
    'gives all, in order, whoever is done first',
    (width, count, chances) => {
      const { log, begun, answer } = follow(width, count)
      const done = new Set<number>()
      for (const chance of chances) {
        const open = begun.filter((index) => !done.has(index))
        if (open.length === 0) break
        const index = open[chance % open.length]!
        done.add(index)
        answer(index)
      }
      expect(log).toEqual([...Array.from({ length: count }, (_, index) => E.right(index)), 'complete'])
    },
  )
})
