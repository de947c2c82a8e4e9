import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { createGeometry } from '../../../src/operators/piece/geometry.js'
import {
  piecePriorities,
  prioritiesProblem,
  type PrioritizedFile,
} from '../../../src/operators/piece/piecePriorities.js'

interface Drawn extends PrioritizedFile {
  readonly priority: number
}

/** Files one after another, some of them empty or padding, with a gap now and then. */
const anyFiles: fc.Arbitrary<ReadonlyArray<Drawn>> = fc
  .array(
    fc.record({
      length: fc.nat(25),
      gap: fc.constantFrom(0, 0, 0, 7),
      isPad: fc.constantFrom(false, false, true),
      priority: fc.nat(7),
    }),
    { maxLength: 12 },
  )
  .map((files) => {
    let offset = 0
    return files.map(({ length, gap, isPad, priority }) => {
      const file = { offset, length, isPad, priority }
      offset += length + gap
      return file
    })
  })

/** Byte by byte: who is in the piece? */
const naive = (files: ReadonlyArray<Drawn>, length: number, pieceLength: number): ReadonlyArray<number> => {
  const counting = files.filter(({ isPad, length: its }) => !isPad && its > 0)
  const least = Math.min(7, ...counting.map(({ priority }) => priority))
  return Array.from({ length: Math.ceil(length / pieceLength) }, (_, piece) => {
    const owners = new Set<Drawn>()
    for (let at = piece * pieceLength; at < (piece + 1) * pieceLength; at++) {
      for (const file of counting) if (at >= file.offset && at < file.offset + file.length) owners.add(file)
    }
    return owners.size === 0 ? least : Math.max(...Array.from(owners, ({ priority }) => priority))
  })
}

describe('piecePriorities', () => {
  test.prop([anyFiles, fc.integer({ min: 1, max: 20 })])(
    'are the highest of the files with a byte in the piece',
    (files, pieceLength) => {
      const end = Math.max(0, ...files.map(({ offset, length }) => offset + length))
      const geometry = createGeometry(end, pieceLength)
      const priorities = files.map(({ priority }) => priority)
      expect([...piecePriorities(files, priorities, geometry)]).toEqual(naive(files, end, pieceLength))
    },
  )

  it('take the padding along with the last file, wanted or not', () => {
    const files = [
      { offset: 0, length: 5, isPad: false },
      { offset: 5, length: 15, isPad: true },
    ]
    const geometry = createGeometry(20, 5)
    expect([...piecePriorities(files, [4, 0], geometry)]).toEqual([4, 4, 4, 4])
    expect([...piecePriorities(files, [0, 7], geometry)]).toEqual([0, 0, 0, 0])
  })
})

describe('prioritiesProblem', () => {
  it.each<readonly [ReadonlyArray<number>, string | undefined]>([
    [[0, 4, 7], undefined],
    [[4, 4], '2 priorities for 3 files'],
    [[4, 4, 8], 'priority of file 2 is not one of 0 to 7'],
    [[4, 0.5, 4], 'priority of file 1 is not one of 0 to 7'],
    [[NaN, 4, 4], 'priority of file 0 is not one of 0 to 7'],
    [[4, 4, -1], 'priority of file 2 is not one of 0 to 7'],
  ])('%j → %s', (priorities, problem) => {
    expect(prioritiesProblem(priorities, 3)).toBe(problem)
  })

  it('sees a hole', () => {
    const holed: number[] = [4]
    holed.length = 3
    expect(prioritiesProblem(holed, 3)).toBe('priority of file 1 is not one of 0 to 7')
  })
})
