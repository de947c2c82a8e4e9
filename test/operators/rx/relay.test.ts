import { Observable, range, Subject, type Subscriber } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { relay } from '../../../src/operators/rx/relay.js'

const passing = <T>(source$: Observable<T>): Observable<T> =>
  new Observable<T>((subscriber: Subscriber<T>) => {
    relay(source$, subscriber, {
      next: (value) => {
        subscriber.next(value)
      },
      error: (error: unknown) => {
        subscriber.error(error)
      },
      complete: () => {
        subscriber.complete()
      },
    })
  })

describe('relay', () => {
  it('stops a synchronous source when the destination closes', () => {
    let produced = 0
    const source$ = new Observable<number>((subscriber) => {
      while (!subscriber.closed && produced < 1_000) subscriber.next(produced++)
    })
    const seen: number[] = []
    const destination$ = passing(source$)
    const subscription = destination$.subscribe({
      next: (n) => {
        seen.push(n)
      },
      error: expect.unreachable,
    })
    expect(produced).toBe(1_000)
    subscription.unsubscribe()

    produced = 0
    const outer$ = new Observable<number>((subscriber) => {
      relay(source$, subscriber, {
        next: (n) => {
          if (n === 2) subscriber.complete()
        },
        error: expect.unreachable,
        complete: expect.unreachable,
      })
    })
    outer$.subscribe({ error: expect.unreachable })
    expect(produced).toBe(3)
  })

  it('says nothing after the destination has closed', () => {
    const source$ = new Subject<number>()
    let completions = 0
    const result$ = new Observable<number>((subscriber) => {
      relay(source$, subscriber, {
        next: () => expect.unreachable(),
        error: expect.unreachable,
        complete: () => {
          completions++
        },
      })
    })
    result$.subscribe({ error: expect.unreachable }).unsubscribe()
    expect(source$.observed).toBe(false)
    source$.complete()
    expect(completions).toBe(0)
  })

  it('passes every value, and the completion', () => {
    const seen: Array<number | string> = []
    passing(range(0, 5)).subscribe({
      next: (n) => {
        seen.push(n)
      },
      error: expect.unreachable,
      complete: () => {
        seen.push('end')
      },
    })
    expect(seen).toEqual([0, 1, 2, 3, 4, 'end'])
  })
})
