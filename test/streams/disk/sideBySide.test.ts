import { Subject, of, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { record } from '../../support/record.js'
import { settle } from '../../../src/streams/disk/settle.js'
import { sideBySide } from '../../../src/streams/disk/sideBySide.js'

const subjects = (count: number): ReadonlyArray<Subject<Either<string, number>>> =>
  Array.from({ length: count }, () => new Subject())

describe('sideBySide', () => {
  it('runs as many at a time as it is wide, and ends with the last one, whichever that is', () => {
    const inner = subjects(4)
    const { log } = record(sideBySide(2, 4, (index) => inner[index]!))
    const running = (): ReadonlyArray<boolean> => inner.map(({ observed }) => observed)
    const answer = (index: number): void => {
      inner[index]!.next(E.right(index))
      inner[index]!.complete()
    }
    expect(running()).toEqual([true, true, false, false])
    answer(1)
    expect(running()).toEqual([true, false, true, false])
    answer(2)
    answer(3)
    expect(log).toEqual([E.right(1), E.right(2), E.right(3)])
    answer(0)
    expect(log).toEqual([E.right(1), E.right(2), E.right(3), E.right(0), 'complete'])
  })

  it('begins none after a Left, waits for those under way, and says the first Left last', () => {
    const inner = subjects(4)
    const { log } = record(sideBySide(3, 4, (index) => inner[index]!))
    inner[1]!.next(E.left('first'))
    inner[1]!.complete()
    expect(inner[3]!.observed).toBe(false)
    inner[0]!.next(E.left('second'))
    inner[0]!.complete()
    expect(log).toEqual([])
    inner[2]!.next(E.right(2))
    inner[2]!.complete()
    expect(log).toEqual([E.right(2), E.left('first'), 'complete'])
  })

  it('takes 100 000 that complete at once, and none at all', () => {
    let seen = 0
    sideBySide(3, 100_000, (index) => of(E.right(index))).subscribe({
      next: () => (seen += 1),
      error: () => undefined,
    })
    expect(seen).toBe(100_000)
    expect(record(sideBySide(3, 0, () => of(E.left('never')))).log).toEqual(['complete'])
  })

  it('settles to the value, or to the Left', () => {
    const run = (failing: number): ReadonlyArray<unknown> =>
      record(
        sideBySide(3, 5, (index) => of(index === failing ? E.left(index) : E.right(index))).pipe(
          settle('done'),
        ),
      ).log
    expect(run(-1)).toEqual([E.right('done'), 'complete'])
    expect(run(3)).toEqual([E.left(3), 'complete'])
  })

  it('lets all go when it is left, and when one of them errs', () => {
    const inner = subjects(3)
    const left = record(sideBySide(2, 3, (index) => inner[index]!))
    left.stop()
    expect(inner.map(({ observed }) => observed)).toEqual([false, false, false])

    const other = subjects(1)
    const { log } = record(sideBySide(2, 2, (index) => other[index] ?? throwError(() => 'bug')))
    expect(log).toEqual(['bug'])
    expect(other[0]!.observed).toBe(false)
  })
})
