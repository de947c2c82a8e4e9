import { Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createWriteBehind } from '../../../../src/streams/node/storage/writeBehind.js'

const MIB = 1024 * 1024

describe('createWriteBehind', () => {
  const setUp = () => {
    const flushes: Array<Subject<void>> = []
    const behind = createWriteBehind(() => {
      const flush$ = new Subject<void>()
      flushes.push(flush$)
      return flush$
    })
    return { behind, flushes }
  }

  it('flushes once 64 MiB wait, one flush at a time', () => {
    const { behind, flushes } = setUp()
    for (let i = 0; i < 63; i++) behind.wrote(MIB)
    expect(flushes).toHaveLength(0)
    behind.wrote(MIB)
    expect(flushes).toHaveLength(1)
    for (let i = 0; i < 100; i++) behind.wrote(MIB)
    expect(flushes).toHaveLength(1)
    flushes[0]?.complete()
    // What came meanwhile waits since long.
    behind.wrote(1)
    expect(flushes).toHaveLength(2)
  })

  it('goes on after a flush that erred', () => {
    const { behind, flushes } = setUp()
    behind.wrote(64 * MIB)
    flushes[0]?.error(new Error('bug'))
    behind.wrote(64 * MIB)
    expect(flushes).toHaveLength(2)
  })
})
