import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import type { FileStat, ResumeData } from '../../../src/codecs/resume.js'
import { createBits, hasBit, setBit } from '../../../src/operators/piece/bitfield.js'
import { fileSpans } from '../../../src/operators/piece/fileMap.js'
import { createGeometry, pieceSize } from '../../../src/operators/piece/geometry.js'
import { trustedPieces } from '../../../src/operators/resume/trustedPieces.js'

interface TestFile {
  readonly length: number
  readonly isPad: boolean
  readonly before: Option<FileStat>
  readonly after: Option<FileStat>
}

const stat = (size: number, mtimeMs = 1): Option<FileStat> => O.some({ size, mtimeMs })

const trustOf = (
  files: ReadonlyArray<TestFile>,
  have: string,
  lost?: string,
): { readonly known: string; readonly changed: ReadonlyArray<number> } => {
  let offset = 0
  const extents = files.map(({ length, isPad }) => {
    const extent = { offset, length, isPad }
    offset += length
    return extent
  })
  const geometry = createGeometry(offset, 10)
  const bitsOf = (text: string): Uint8Array => {
    const bits = createBits(geometry.pieceCount)
    for (let piece = 0; piece < geometry.pieceCount; piece++) if (text[piece] === 'x') setBit(bits, piece)
    return bits
  }
  const pieces = bitsOf(have)
  const data: ResumeData = {
    infohash: new Uint8Array(20),
    pieces,
    blockLength: 1_024,
    partial: [],
    priorities: [],
    peers: [],
    trackers: [],
    unsynced: lost === undefined ? O.none : O.some({ bootId: 'before', pieces: bitsOf(lost) }),
    removedTrackers: [],
    renamed: [],
    totals: { downloaded: 0, uploaded: 0 },
    files: files.map(({ before }) => before),
    addedAt: 0,
  }
  const { known, changed } = trustedPieces(
    extents,
    geometry,
    data,
    files.map(({ after }) => after),
  )
  const text = Array.from({ length: geometry.pieceCount }, (_, piece) => (hasBit(known, piece) ? 'k' : '-'))
  for (let piece = 0; piece < geometry.pieceCount; piece++) {
    if (!hasBit(known, piece) || have[piece] !== 'x') continue
    for (const { file, position, length } of fileSpans(extents, piece * 10, pieceSize(geometry, piece))) {
      const { isPad, after } = files[file]!
      expect(isPad || (O.isSome(after) && after.value.size >= position + length)).toBe(true)
    }
  }
  return { known: text.join(''), changed }
}

const same = (length: number, size = length): TestFile => ({
  length,
  isPad: false,
  before: stat(size),
  after: stat(size),
})

it('does not believe what the system may have lost, whatever the files look like', () => {
  expect(trustOf([same(25), same(35)], 'xx-xx-', '-x--x-')).toEqual({ known: 'k-kk-k', changed: [] })
})

describe('the pieces of resume data that can be trusted', () => {
  it('are all where no file has changed', () => {
    expect(trustOf([same(30), same(5), same(12)], 'xxxxx')).toEqual({ known: 'kkkkk', changed: [] })
  })

  it('are none of a file that has another time, another size, came or went', () => {
    for (const after of [stat(15, 2), stat(16), O.none]) {
      expect(trustOf([same(15), { ...same(15), after }, same(20)], 'xxxxx')).toEqual({
        known: 'k--kk',
        changed: [1],
      })
    }
    expect(trustOf([{ ...same(20), before: O.none }], 'xx')).toEqual({ known: '--', changed: [0] })
  })

  it('are those that nobody claims, of files that are not there and never were', () => {
    const absent = { ...same(20), before: O.none, after: O.none }
    expect(trustOf([absent, same(20)], '--xx')).toEqual({ known: 'kkkk', changed: [] })
  })

  it('are none that is claimed of a file that is not there, or does not reach so far', () => {
    const absent = { ...same(20), before: O.none, after: O.none }
    expect(trustOf([absent, same(20)], 'x-xx').known).toBe('-kkk')
    expect(trustOf([same(50, 25)], 'xxx-x').known).toBe('kk-k-')
  })

  it('take no notice of pads and empty files', () => {
    const pad = { length: 5, isPad: true, before: O.none, after: stat(1) }
    expect(trustOf([same(15), pad, { ...same(0), after: O.none }, same(10)], 'xxx').known).toBe('kkk')
  })

  test.prop([
    fc.array(
      fc.record({
        length: fc.nat(40),
        isPad: fc.boolean(),
        before: fc
          .option(fc.nat(40))
          .map((size) => O.map((n: number) => ({ size: n, mtimeMs: 1 }))(O.fromNullable(size))),
        after: fc
          .option(fc.nat(40))
          .map((size) => O.map((n: number) => ({ size: n, mtimeMs: 1 }))(O.fromNullable(size))),
      }),
      { minLength: 1, maxLength: 8 },
    ),
    fc.string({ unit: fc.constantFrom('x', '-'), minLength: 40, maxLength: 40 }),
  ])('have their bytes within the files, whatever is claimed', (files, have) => {
    trustOf(files, have)
  })
})
