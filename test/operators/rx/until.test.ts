import { NEVER, Observable, of, Subject, throwError } from 'rxjs'
import { describe, expect, it, vi } from 'vitest'
import { until } from '../../../src/operators/rx/until.js'

const watch = <T>(source$: Observable<T>): { seen: unknown[]; stop: () => void } => {
  const seen: unknown[] = []
  const subscription = source$.subscribe({
    next: (value) => seen.push(value),
    error: (error: unknown) => seen.push(error),
    complete: () => seen.push('complete'),
  })
  return {
    seen,
    stop: () => {
      subscription.unsubscribe()
    },
  }
}

/** A signal, and how many listen to it. */
const countedSignal = (): { signal: AbortSignal; abort: () => void; listeners: () => number } => {
  const controller = new AbortController()
  const { signal } = controller
  const added = vi.spyOn(signal, 'addEventListener')
  const removed = vi.spyOn(signal, 'removeEventListener')
  return {
    signal,
    abort: () => {
      controller.abort()
    },
    listeners: () => added.mock.calls.length - removed.mock.calls.length,
  }
}

describe('until', () => {
  it('passes values until the signal aborts, then completes and lets go of both', () => {
    const { signal, abort, listeners } = countedSignal()
    const source$ = new Subject<number>()
    const { seen } = watch(source$.pipe(until(signal)))
    source$.next(1)
    expect(listeners()).toBe(1)
    abort()
    source$.next(2)
    expect(seen).toEqual([1, 'complete'])
    expect(source$.observed).toBe(false)
    expect(listeners()).toBe(0)
  })

  it('does not subscribe where the signal has aborted already', () => {
    let isSubscribed = false
    const source$ = new Observable<number>(() => {
      isSubscribed = true
    })
    expect(watch(source$.pipe(until(AbortSignal.abort()))).seen).toEqual(['complete'])
    expect(isSubscribed).toBe(false)
  })

  it.each<[string, Observable<unknown>, unknown[]]>([
    ['completion', of(1), [1, 'complete']],
    ['an error', throwError(() => 'boom'), ['boom']],
  ])('passes %s and lets go of the signal', (_, source$, expected) => {
    const { signal, abort, listeners } = countedSignal()
    const { seen } = watch(source$.pipe(until(signal)))
    expect(seen).toEqual(expected)
    expect(listeners()).toBe(0)
    abort()
    expect(seen).toEqual(expected)
  })

  it('lets go of the signal when it is unsubscribed', () => {
    const { signal, listeners } = countedSignal()
    const { seen, stop } = watch(NEVER.pipe(until(signal)))
    expect(listeners()).toBe(1)
    stop()
    expect(listeners()).toBe(0)
    expect(seen).toEqual([])
  })
})
