import { describe, expect, it } from 'vitest'
import { trampoline } from '../../../src/streams/disk/trampoline.js'

describe('trampoline', () => {
  it('runs a task at once, and what it brings about when it has returned', () => {
    const inOrder = trampoline()
    const log: string[] = []
    inOrder(() => {
      log.push('a begins')
      inOrder(() => log.push('b'))
      inOrder(() => log.push('c'))
      log.push('a ends')
    })
    expect(log).toEqual(['a begins', 'a ends', 'b', 'c'])
  })

  it('nests nothing, however long the chain', () => {
    const inOrder = trampoline()
    let left = 100_000
    const next = (): void => {
      left -= 1
      if (left > 0) inOrder(next)
    }
    inOrder(next)
    expect(left).toBe(0)
  })

  it('works on after a task that throws', () => {
    const inOrder = trampoline()
    expect(() => {
      inOrder(() => {
        throw new Error('a bug')
      })
    }).toThrow('a bug')
    let runs = 0
    inOrder(() => (runs += 1))
    expect(runs).toBe(1)
  })
})
