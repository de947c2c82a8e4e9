import { concat, from, NEVER, Observable, of, Subject, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { toAsyncIterable } from '../../../src/operators/rx/toAsyncIterable.js'

const walk = <T>(iterable: AsyncIterable<T>): AsyncIterator<T> => iterable[Symbol.asyncIterator]()

/** A source that counts who listens to it. */
const counted = <T>(
  source$: Observable<T>,
): { source$: Observable<T>; subscribers: () => number; total: () => number } => {
  let subscribers = 0
  let total = 0
  return {
    source$: new Observable<T>((subscriber) => {
      subscribers++
      total++
      const inner = source$.subscribe(subscriber)
      return () => {
        subscribers--
        inner.unsubscribe()
      }
    }),
    subscribers: () => subscribers,
    total: () => total,
  }
}

describe('toAsyncIterable', () => {
  it('gives every value in order, then ends', async () => {
    const seen: number[] = []
    for await (const value of toAsyncIterable(from([1, 2, 3]), { all: 3 })) seen.push(value)
    expect(seen).toEqual([1, 2, 3])
  })

  it('is cold: each walk is a subscription of its own, begun by its first step', async () => {
    const { source$, total, subscribers } = counted(concat(of(1), NEVER))
    const iterable = toAsyncIterable(source$, 'latest')
    const [one, two] = [walk(iterable), walk(iterable)]
    expect(total()).toBe(0)
    expect(await one.next()).toEqual({ done: false, value: 1 })
    expect(await two.next()).toEqual({ done: false, value: 1 })
    expect(total()).toBe(2)
    await one.return?.()
    await two.return?.()
    expect(subscribers()).toBe(0)
  })

  it('keeps the latest of a state that changes faster than it is read', async () => {
    const state$ = new Subject<number>()
    const walker = walk(toAsyncIterable(state$, 'latest'))
    const first = walker.next()
    for (const value of [1, 2, 3, 4]) state$.next(value)
    expect(await first).toEqual({ done: false, value: 1 })
    expect(await walker.next()).toEqual({ done: false, value: 4 })
    state$.next(5)
    state$.complete()
    expect(await walker.next()).toEqual({ done: false, value: 5 })
    expect(await walker.next()).toEqual({ done: true, value: undefined })
  })

  it('fails loudly when more wait than it may keep, after those that it kept', async () => {
    const event$ = new Subject<number>()
    const walker = walk(toAsyncIterable(event$, { all: 2 }))
    const first = walker.next()
    for (const value of [1, 2, 3]) event$.next(value)
    expect(await first).toMatchObject({ value: 1 })
    event$.next(4)
    expect(event$.observed).toBe(false)
    expect(await walker.next()).toMatchObject({ value: 2 })
    expect(await walker.next()).toMatchObject({ value: 3 })
    await expect(walker.next()).rejects.toThrow(RangeError)
    expect(await walker.next()).toEqual({ done: true, value: undefined })
  })

  it('keeps ten thousand values in order', async () => {
    const event$ = new Subject<number>()
    const walker = walk(toAsyncIterable(event$, { all: 10_000 }))
    const first = walker.next()
    for (let value = 0; value <= 10_000; value++) event$.next(value)
    expect(await first).toMatchObject({ value: 0 })
    for (let value = 1; value <= 10_000; value++) {
      if ((await walker.next()).value !== value) throw new Error(`lost ${String(value)}`)
    }
    expect(event$.observed).toBe(true)
    await walker.return?.()
    expect(event$.observed).toBe(false)
  })

  it('throws the error of its source, once, after the values before it', async () => {
    const seen: number[] = []
    const failing$ = concat(
      of(1, 2),
      throwError(() => new Error('boom')),
    )
    const walker = walk(toAsyncIterable(failing$, { all: 9 }))
    seen.push((await walker.next()).value as number, (await walker.next()).value as number)
    await expect(walker.next()).rejects.toThrow('boom')
    expect(seen).toEqual([1, 2])
    expect(await walker.next()).toEqual({ done: true, value: undefined })
  })

  it('answers several steps that wait, in order, and all of them at the end', async () => {
    const event$ = new Subject<number>()
    const walker = walk(toAsyncIterable(event$, { all: 1 }))
    const steps = [walker.next(), walker.next(), walker.next()]
    event$.next(1)
    event$.complete()
    expect(await Promise.all(steps)).toEqual([
      { done: false, value: 1 },
      { done: true, value: undefined },
      { done: true, value: undefined },
    ])
  })

  it.each(['break', 'throw'])('unsubscribes when the loop is left by %s', async (how) => {
    const { source$, subscribers } = counted(concat(of(1), NEVER))
    const loop = async (): Promise<void> => {
      for await (const value of toAsyncIterable(source$, 'latest')) {
        expect(subscribers()).toBe(value)
        if (how === 'throw') throw new Error('left')
        break
      }
    }
    await loop().catch((thrown: unknown) => {
      expect(thrown).toMatchObject({ message: 'left' })
    })
    expect(subscribers()).toBe(0)
  })

  it('ends the steps that wait when it is told to return, and never subscribes afterwards', async () => {
    const { source$, subscribers, total } = counted(NEVER)
    const walker = walk(toAsyncIterable(source$, 'latest'))
    const waiting = walker.next()
    await walker.return?.()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(await walker.next()).toEqual({ done: true, value: undefined })
    expect([subscribers(), total()]).toEqual([0, 1])
    const unused = walk(toAsyncIterable(source$, 'latest'))
    await unused.return?.()
    expect(await unused.next()).toEqual({ done: true, value: undefined })
    expect(total()).toBe(1)
  })
})
