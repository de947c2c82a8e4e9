import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { pieceSize } from '../../../src/operators/piece/geometry.js'
import { markHave, markMissing } from '../../../src/operators/piece/pieceTable.js'
import { createFileStates } from '../../../src/operators/session/fileStates.js'
import { createModel, type SessionModel } from '../../../src/operators/session/model.js'
import { defaultPolicies } from '../../../src/operators/session/policies.js'
import { setPriorities } from '../../../src/operators/session/prioritize.js'
import { bareMetainfo } from '../../support/sessionFixture.js'

const modelOf = (lengths: ReadonlyArray<number>, pieceLength: number): SessionModel => {
  const total = lengths.reduce((sum, length) => sum + length, 0)
  return createModel(
    {
      metainfo: bareMetainfo(total, pieceLength, [], lengths),
      peerId: new Uint8Array(20),
      seed: 1,
      announceKey: 1,
      policies: defaultPolicies,
      peers: [],
    },
    0,
  )
}

/** Byte by byte: which of the file's are in pieces that are had? */
const naiveBytes = ({ table, geometry }: SessionModel, offset: number, length: number): number => {
  let bytes = 0
  for (let at = offset; at < offset + length; at++) {
    if (table.status[Math.floor(at / geometry.pieceLength)] === 3) bytes++
  }
  return bytes
}

describe('the files of a snapshot', () => {
  test.prop([
    fc.array(fc.nat(40), { minLength: 1, maxLength: 10 }),
    fc.integer({ min: 1, max: 30 }),
    fc.array(fc.tuple(fc.constantFrom('have', 'lose', 'look', 'choose'), fc.nat()), { maxLength: 40 }),
  ])('say of each how much of it is there, whatever comes and goes', (lengths, pieceLength, steps) => {
    const model = modelOf(lengths, pieceLength)
    const { geometry, table, config } = model
    const take = createFileStates()
    for (const [what, number] of [...steps, ['look', 0] as const]) {
      const piece = geometry.pieceCount === 0 ? undefined : number % geometry.pieceCount
      if (what === 'have' && piece !== undefined) markHave(table, piece)
      else if (what === 'lose' && piece !== undefined) markMissing(table, piece)
      else if (what === 'choose') {
        setPriorities(
          model,
          lengths.map((_, file) => (number + file) % 8),
        )
      } else if (what === 'look') {
        const states = take(model)
        expect(take(model)).toBe(states)
        states.forEach((state, index) => {
          const { path, offset, length } = config.metainfo.files[index]!
          const haveBytes = naiveBytes(model, offset, length)
          const priority = model.filePriorities[index]
          expect(state).toEqual({ path, length, priority, haveBytes, isDone: haveBytes === length })
        })
      }
    }
  })

  it('keep the identity of those that did not change', () => {
    const model = modelOf([10, 10, 10], 5)
    const take = createFileStates()
    const before = take(model)
    markHave(model.table, 2)
    const after = take(model)
    expect([after[0], after[2]]).toEqual([before[0], before[2]])
    expect(after[0]).toBe(before[0])
    expect(after[1]).toMatchObject({ haveBytes: 5, isDone: false })
    setPriorities(model, [4, 4, 0])
    expect(take(model)[1]).toBe(after[1])
    expect(take(model)[2]).toMatchObject({ priority: 0 })
  })

  it('have the path that they have at present, and keep what has another', () => {
    const model = modelOf([10, 10, 10], 5)
    const take = createFileStates()
    const before = take(model)
    model.renamed = new Map([[1, ['elsewhere', 'x']]])
    markHave(model.table, 2)
    const after = take(model)
    expect(after.map(({ path }) => path.join('/'))).toEqual(['data/0', 'elsewhere/x', 'data/2'])
    expect(after[1]).toMatchObject({ haveBytes: 5 })
    expect([after[0], after[2]].map((state, at) => state === before[2 * at])).toEqual([true, true])
    model.renamed = new Map(model.renamed)
    expect(take(model)).toBe(after)
    markHave(model.table, 3)
    expect(take(model)[1]).toMatchObject({ haveBytes: 10, path: ['elsewhere', 'x'] })
    model.renamed = new Map()
    expect(take(model)[1]?.path).toEqual(['data', '1'])
  })

  it('look at what changed, not at all of 75 000 files', () => {
    const model = modelOf(new Array<number>(75_000).fill(10), 16)
    const take = createFileStates()
    for (let piece = 0; piece < model.geometry.pieceCount; piece += 2) markHave(model.table, piece)
    take(model)
    let reads = 0
    const files = model.config.metainfo.files.map((file) => ({
      ...file,
      get offset() {
        reads++
        return file.offset
      },
    }))
    const watched = { ...model, config: { ...model.config, metainfo: { ...model.config.metainfo, files } } }
    markHave(model.table, 1_001)
    expect(take(watched)[1_602]).toMatchObject({ isDone: true })
    expect(reads).toBeLessThan(100)
    expect(pieceSize(model.geometry, 1_001)).toBe(16)
  })
})
