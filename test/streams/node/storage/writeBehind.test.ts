import { Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { storageError } from '../../../../src/streams/disk/storageError.js'
import type { StorageError } from '../../../../src/streams/deps.js'
import { createWriteBehind } from '../../../../src/streams/node/storage/writeBehind.js'

const MIB = 1024 * 1024

const setUp = () => {
  const flushes: Array<Subject<Either<StorageError, void>>> = []
  const behind = createWriteBehind(() => {
    const flush$ = new Subject<Either<StorageError, void>>()
    flushes.push(flush$)
    return flush$
  })
  const end = (answer: Either<StorageError, void>): void => {
    flushes.at(-1)?.next(answer)
    flushes.at(-1)?.complete()
  }
  return { behind, flushes, end }
}

describe('createWriteBehind', () => {
  it('flushes once 64 MiB wait, one flush at a time', () => {
    const { behind, flushes, end } = setUp()
    for (let i = 0; i < 63; i++) behind.wrote(MIB)
    expect(flushes).toHaveLength(0)
    behind.wrote(MIB)
    expect(flushes).toHaveLength(1)
    for (let i = 0; i < 100; i++) behind.wrote(MIB)
    expect(flushes).toHaveLength(1)
    end(E.right(undefined))
    // What came meanwhile waits since long.
    behind.wrote(1)
    expect(flushes).toHaveLength(2)
  })

  it('keeps the first failure for who asks next, and tells it once', () => {
    const { behind, end } = setUp()
    const failure = E.left(storageError('flush', ['a'], 'EIO'))
    behind.wrote(64 * MIB)
    end(failure)
    behind.wrote(64 * MIB)
    end(E.left(storageError('flush', ['b'], 'ENOSPC')))
    expect(behind.takeFailure()).toEqual(failure)
    expect(behind.takeFailure()).toBeUndefined()
  })

  it('goes on after a flush that erred', () => {
    const { behind, flushes } = setUp()
    behind.wrote(64 * MIB)
    flushes[0]?.error(new Error('bug'))
    behind.wrote(64 * MIB)
    expect(flushes).toHaveLength(2)
  })
})
