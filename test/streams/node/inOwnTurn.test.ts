import { setImmediate as turnOfTheLoop } from 'node:timers/promises'
import { of, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { inOwnTurn } from '../../../src/streams/node/inOwnTurn.js'

describe('inOwnTurn', () => {
  it('gives one value a turn of the loop, in the order that they came, whoever they are for', async () => {
    const seen: string[] = []
    const see = (name: string): void => {
      seen.push(name)
    }
    of('a', 'b')
      .pipe(inOwnTurn())
      .subscribe({ next: see, complete: () => seen.push('end') })
    const left = of('left').pipe(inOwnTurn()).subscribe(see)
    of('c').pipe(inOwnTurn()).subscribe(see)
    left.unsubscribe()
    expect(seen).toEqual([])
    const turns: number[] = []
    while (seen.length < 4) {
      await turnOfTheLoop()
      turns.push(seen.length)
    }
    expect(seen).toEqual(['a', 'b', 'end', 'c'])
    expect(turns).toEqual([1, 3, 3, 4])
    of('d').pipe(inOwnTurn()).subscribe(see)
    await turnOfTheLoop()
    expect(seen.at(-1)).toBe('d')
  })

  it('passes an error on at once', () => {
    const errors: unknown[] = []
    throwError(() => 'bad')
      .pipe(inOwnTurn())
      .subscribe({ error: (error: unknown) => errors.push(error) })
    expect(errors).toEqual(['bad'])
  })
})
