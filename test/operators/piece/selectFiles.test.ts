import { expect, it } from 'vitest'
import { selectFiles } from '../../../src/operators/piece/selectFiles.js'
import { bareMetainfo } from '../../support/sessionFixture.js'

it('selectFiles wants what the predicate takes, and asks about no padding', () => {
  const { files } = bareMetainfo(60, 10, [], [10, 20, 30])
  const padded = files.map((file, index) => ({ ...file, isPad: index === 1 }))
  const asked: number[] = []
  const priorities = selectFiles({ files: padded }, ({ length }, index) => {
    asked.push(index)
    return length > 5
  })
  expect(priorities).toEqual([4, 0, 4])
  expect(asked).toEqual([0, 2])
})
