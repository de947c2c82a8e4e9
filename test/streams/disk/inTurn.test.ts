import { EMPTY, NEVER, Subject, of, take, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { inTurn } from '../../../src/streams/disk/inTurn.js'
import { record } from '../../support/record.js'
import { settle } from '../../../src/streams/disk/settle.js'

describe('inTurn', () => {
  it('begins one when the one before has completed', () => {
    const inner = [new Subject<Either<string, number>>(), new Subject<Either<string, number>>()]
    const { log } = record(inTurn(2, (index) => inner[index]!))
    expect([inner[0]!.observed, inner[1]!.observed]).toEqual([true, false])
    inner[0]!.next(E.right(1))
    inner[0]!.complete()
    expect(inner[1]!.observed).toBe(true)
    inner[1]!.next(E.right(2))
    inner[1]!.complete()
    expect(log).toEqual([E.right(1), E.right(2), 'complete'])
  })

  it('ends at the first Left, which passes, and lets its source go', () => {
    const first$ = new Subject<Either<string, number>>()
    let runs = 0
    const { log } = record(inTurn(9, () => ((runs += 1), first$)))
    first$.next(E.left('no'))
    expect(log).toEqual([E.left('no'), 'complete'])
    expect(first$.observed).toBe(false)
    expect(runs).toBe(1)
  })

  it('ends at a Left that comes at once', () => {
    let runs = 0
    const { log } = record(
      inTurn(9, (index) => ((runs += 1), of(index === 2 ? E.left('no') : E.right(index)))),
    )
    expect(log).toEqual([E.right(0), E.right(1), E.left('no'), 'complete'])
    expect(runs).toBe(3)
  })

  it('takes 100 000 that complete at once', () => {
    let seen = 0
    inTurn(100_000, (index) => of(E.right(index))).subscribe({
      next: () => (seen += 1),
      error: () => undefined,
    })
    expect(seen).toBe(100_000)
  })

  it('passes an error on', () => {
    const bug = new Error('a bug')
    expect(record(inTurn(3, () => throwError(() => bug))).log).toEqual([bug])
  })

  it('completes where there is nothing to do', () => {
    expect(record(inTurn(0, () => NEVER)).log).toEqual(['complete'])
    expect(record(inTurn(3, () => EMPTY)).log).toEqual(['complete'])
  })

  it('stops when unsubscribed', () => {
    const inner$ = new Subject<Either<string, number>>()
    const { log, stop } = record(inTurn(2, () => inner$))
    stop()
    expect(inner$.observed).toBe(false)
    expect(log).toEqual([])
  })

  it('stops when its subscriber leaves in the middle of those that answer at once', () => {
    let runs = 0
    const { log } = record(inTurn(10, (index) => ((runs += 1), of(E.right(index)))).pipe(take(3)))
    expect(log).toEqual([E.right(0), E.right(1), E.right(2), 'complete'])
    expect(runs).toBe(3)
  })
})

describe('settle', () => {
  it('is the value at the end, or the Left', () => {
    expect(record(inTurn(3, (index) => of(E.right(index))).pipe(settle('done'))).log).toEqual([
      E.right('done'),
      'complete',
    ])
    expect(record(inTurn(3, () => of(E.left('no'))).pipe(settle('done'))).log).toEqual([
      E.left('no'),
      'complete',
    ])
    expect(record(inTurn(0, () => NEVER).pipe(settle('done'))).log).toEqual([E.right('done'), 'complete'])
  })
})
