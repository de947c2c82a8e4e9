import { EMPTY, of, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { mergeLive } from '../../../src/operators/rx/mergeLive.js'

describe('mergeLive', () => {
  it('merges', () => {
    const seen: number[][] = []
    mergeLive(of(1), EMPTY, of(2, 3))
      .pipe(toArray())
      .subscribe((values) => seen.push(values))
    expect(seen).toEqual([[1, 2, 3]])
  })

  it('leaves out what is empty, and adds nothing to what is left', () => {
    const one$ = of(1)
    expect(mergeLive(EMPTY, one$)).toBe(one$)
    expect(mergeLive(EMPTY, EMPTY)).toBe(EMPTY)
    expect(mergeLive()).toBe(EMPTY)
  })
})
