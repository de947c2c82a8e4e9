import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { copySparseFile, createSparseFile } from '../../../src/streams/virtual/sparseFile.js'

const SIZE = 200_000

describe('createSparseFile', () => {
  test.prop(
    [
      fc.array(fc.record({ offset: fc.nat(SIZE - 70_000), length: fc.nat(70_000), fill: fc.nat(255) }), {
        maxLength: 8,
      }),
    ],
    { numRuns: 30 },
  )('reads what was written, zeros elsewhere; so does a copy', (writes) => {
    const file = createSparseFile()
    const model = new Uint8Array(SIZE)
    for (const { offset, length, fill } of writes) {
      file.write(offset, new Uint8Array(length).fill(fill))
      model.fill(fill, offset, offset + length)
    }
    const out = new Uint8Array(SIZE).fill(7)
    file.read(0, out)
    expect(Buffer.compare(out, model)).toBe(0)
    const copy = copySparseFile(file)
    file.write(0, new Uint8Array(SIZE).fill(1))
    copy.read(0, out)
    expect(Buffer.compare(out, model)).toBe(0)
  })

  it('costs what is written, wherever it is', () => {
    const file = createSparseFile()
    const far = 2 ** 45 + 65_530
    file.write(
      far,
      Uint8Array.from({ length: 10 }, (_, i) => i),
    )
    const out = new Uint8Array(10)
    file.read(far, out)
    expect([...out]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(file.written.size()).toBe(10)
    expect(file.written.covers(far - 1, far + 1)).toBe(false)
  })
})
