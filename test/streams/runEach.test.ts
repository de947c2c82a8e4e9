import { map, Observable, of, throwError, timer } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { runEach } from '../../src/streams/runEach.js'
import { createVirtualClock } from '../../src/streams/virtual/clock.js'

interface Told {
  readonly ran: ReadonlyArray<number>
  readonly end: string
}

const clock = createVirtualClock()

const told = (turn$: Observable<{ readonly effects: ReadonlyArray<number> }>): (() => Told) => {
  const ran: number[] = []
  let end = 'open'
  new Observable<never>((subscriber) =>
    runEach(
      turn$,
      (effect) => {
        if (effect < 0) throw new Error('no such effect')
        ran.push(effect)
      },
      subscriber,
    ),
  ).subscribe({
    error: (thrown: unknown) => (end = thrown instanceof Error ? thrown.message : String(thrown)),
    complete: () => (end = 'complete'),
  })
  return () => ({ ran, end })
}

describe('runEach', () => {
  it('runs the effects of each turn in order, and ends as the turns do', () => {
    expect(told(of({ effects: [1, 2] }, { effects: [] }, { effects: [3] }))()).toEqual({
      ran: [1, 2, 3],
      end: 'complete',
    })
    expect(told(throwError(() => new Error('a turn')))()).toEqual({ ran: [], end: 'a turn' })
  })

  it('ends with what an effect throws, and runs no more', () => {
    const turn$ = timer(0, 1, clock).pipe(map((turn) => ({ effects: turn === 0 ? [1, -1, 2] : [3] })))
    const seen = told(turn$)
    clock.advanceBy(10)
    expect(seen()).toEqual({ ran: [1], end: 'no such effect' })
  })
})
