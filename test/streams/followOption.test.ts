import { EMPTY, of, Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import type { ValueOr$ } from '../../src/operators/rx/valueOr.js'
import { followOption } from '../../src/streams/followOption.js'

const follow = (
  option: ValueOr$<number>,
): { readonly now: O.Option<number>; readonly seen: unknown[]; readonly stop: () => void } => {
  const { now, later$, stop } = followOption(option)
  const seen: unknown[] = []
  later$.subscribe({
    next: (value) => seen.push(value),
    error: (thrown: unknown) => seen.push(['error', thrown]),
  })
  return { now, seen, stop }
}

describe('followOption', () => {
  it('takes a value for good', () => {
    expect(follow(1)).toMatchObject({ now: O.some(1), seen: [] })
  })

  it('takes what an Observable says at once for the first value, the last of several', () => {
    expect(follow(of(1, 2))).toMatchObject({ now: O.some(2), seen: [] })
    expect(follow(EMPTY)).toMatchObject({ now: O.none, seen: [] })
  })

  it('hands on what comes later, and its error', () => {
    const source$ = new Subject<number>()
    const { now, seen } = follow(source$)
    expect(now).toEqual(O.none)
    source$.next(1)
    source$.next(2)
    source$.error('boom')
    expect(seen).toEqual([1, 2, ['error', 'boom']])
  })

  it('keeps what comes before anybody listens', () => {
    const source$ = new Subject<number>()
    const { later$ } = followOption(source$)
    source$.next(1)
    const seen: number[] = []
    later$.subscribe({ next: (value) => seen.push(value), error: expect.unreachable })
    expect(seen).toEqual([1])
  })

  it('lets go when told to', () => {
    const source$ = new Subject<number>()
    const { seen, stop } = follow(source$)
    stop()
    expect(source$.observed).toBe(false)
    source$.next(1)
    expect(seen).toEqual([])
  })
})
