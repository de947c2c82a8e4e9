import { describe, expect, it } from 'vitest'
import { createDiskFaults } from '../../../src/streams/virtual/diskFaults.js'

describe('createDiskFaults', () => {
  it('fails the operation that was planned, by kind and number', () => {
    const faults = createDiskFaults([
      { operation: 'write', nth: 2, code: 'EIO' },
      { operation: 'read', nth: 1, code: 'EACCES' },
    ])
    expect([1, 2, 3].map(() => faults.next('write'))).toEqual([undefined, 'EIO', undefined])
    expect([1, 2].map(() => faults.next('read'))).toEqual(['EACCES', undefined])
    expect([faults.count('write'), faults.count('flush')]).toEqual([3, 0])
  })

  it('fails the next ones', () => {
    const faults = createDiskFaults([])
    faults.next('write')
    faults.failNext('write', 'ENOSPC', 2)
    expect([1, 2, 3].map(() => faults.next('write'))).toEqual(['ENOSPC', 'ENOSPC', undefined])
    faults.failNext('write', 'EROFS', Infinity)
    for (let i = 0; i < 10; i++) expect(faults.next('write')).toBe('EROFS')
    expect(faults.next('read')).toBeUndefined()
  })
})
