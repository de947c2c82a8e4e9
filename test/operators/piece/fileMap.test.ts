import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { fileSpans, piecesOfFile } from '../../../src/operators/piece/fileMap.js'
import type { FileExtent } from '../../../src/operators/piece/fileMap.js'

/** Files one after the other, some with a gap before them. */
const extents = (parts: ReadonlyArray<readonly [gap: number, length: number]>): FileExtent[] => {
  let offset = 0
  return parts.map(([gap, length]) => {
    const extent = { offset: offset + gap, length }
    offset += gap + length
    return extent
  })
}

const parts = fc.array(fc.tuple(fc.constantFrom(0, 0, 0, 3), fc.nat(9)), { maxLength: 12 })

describe('fileSpans', () => {
  it('cuts at the borders of files and skips empty ones', () => {
    const files = extents([[0, 3], [0, 0], [0, 9]]) // prettier-ignore
    expect(fileSpans(files, 2, 4)).toEqual([
      { file: 0, position: 2, begin: 0, length: 1 },
      { file: 2, position: 0, begin: 1, length: 3 },
    ])
  })

  test.prop([parts, fc.nat(120), fc.nat(60)])(
    'says the same as looking at each byte',
    (pairs, offset, length) => {
      const files = extents(pairs)
      const expected: Array<readonly [number, number, number]> = []
      for (let begin = 0; begin < length; begin += 1) {
        files.forEach((extent, file) => {
          const position = offset + begin - extent.offset
          if (position >= 0 && position < extent.length) expected.push([file, position, begin])
        })
      }
      const bytes = fileSpans(files, offset, length).flatMap((span) =>
        [...Array(span.length).keys()].map((at) => [span.file, span.position + at, span.begin + at] as const),
      )
      expect(bytes).toEqual(expected)
    },
  )

  test.prop([parts, fc.nat(120), fc.nat(60)])(
    'has at most one span a file, none of them empty',
    (pairs, offset, length) => {
      const spans = fileSpans(extents(pairs), offset, length)
      expect(new Set(spans.map(({ file }) => file)).size).toBe(spans.length)
      expect(spans.every((span) => span.length > 0)).toBe(true)
    },
  )
})

describe('piecesOfFile', () => {
  test.prop([fc.nat(100), fc.nat(100), fc.integer({ min: 1, max: 40 })])(
    'names the pieces that hold a byte of the file',
    (offset, length, pieceLength) => {
      const pieces = new Set([...Array(length).keys()].map((at) => Math.floor((offset + at) / pieceLength)))
      const range = piecesOfFile({ offset, length }, pieceLength)
      if (range === undefined) expect(pieces.size).toBe(0)
      else expect([Math.min(...pieces), Math.max(...pieces)]).toEqual([range.first, range.last])
    },
  )
})
