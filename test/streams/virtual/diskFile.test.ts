import { describe, expect, it } from 'vitest'
import { createDiskFile, createSafeFile, type DiskFile } from '../../../src/streams/virtual/diskFile.js'

const content = (file: DiskFile): number[] => {
  const out = new Uint8Array(4)
  file.live().read(0, out)
  return [...out]
}

describe('createDiskFile', () => {
  it('keeps what was synced, and what survives of the rest, in the order written', () => {
    const file = createDiskFile()
    file.write(0, Uint8Array.of(1, 1, 1, 1))
    file.sync()
    file.write(0, Uint8Array.of(2, 2))
    file.write(1, Uint8Array.of(3, 3))
    file.write(3, Uint8Array.of(4))
    expect(content(file)).toEqual([2, 3, 3, 4])
    const verdicts = [true, false, true]
    file.crash(() => verdicts.shift() === true)
    expect(content(file)).toEqual([2, 2, 1, 4])
    file.crash(() => false)
    expect(content(file)).toEqual([2, 2, 1, 4])
  })

  it('does not bring back what it has lost', () => {
    const file = createDiskFile()
    file.write(0, Uint8Array.of(1))
    file.crash(() => false)
    expect(file.live().written.size()).toBe(0)
    file.write(0, Uint8Array.of(2))
    file.crash(() => false)
    expect(content(file)).toEqual([0, 0, 0, 0])
  })

  it('keeps the bytes as they were written, not as the buffer became', () => {
    const file = createDiskFile()
    const bytes = Uint8Array.of(1, 2)
    file.write(0, bytes)
    bytes.fill(9)
    file.crash(() => true)
    expect(content(file)).toEqual([1, 2, 0, 0])
  })
})

describe('createSafeFile', () => {
  it('keeps everything', () => {
    const file = createSafeFile()
    file.write(1, Uint8Array.of(1, 2))
    file.crash(() => false)
    expect(content(file)).toEqual([0, 1, 2, 0])
  })
})
