import { describe, expect, it } from 'vitest'
import type { LongFile } from '../../../src/operators/session/longFile.js'
import { checkedFixture } from '../../support/checkedFixture.js'
import type { SessionFixture } from '../../support/sessionFixture.js'

const PIECE = 32_768
const long = (file: number, pieces: number, excess: number): LongFile => ({
  file,
  expected: pieces * PIECE,
  actual: pieces * PIECE + excess,
})
const longFiles = [long(0, 2, 12), long(2, 1, 1)]
const told = (fixture: SessionFixture): ReadonlyArray<string> =>
  fixture.noticesOf('FileTooLong').map(({ file }) => file)

describe('files that are too long', () => {
  it('are told after the check, and keep no piece from being had', () => {
    const fixture = checkedFixture({ pieces: 4, files: [2, 1, 1], have: 'xxxx', longFiles })
    const { notices, model } = fixture
    expect(notices.map(({ _tag }) => _tag).slice(0, 3)).toEqual(['CheckDone', 'FileTooLong', 'FileTooLong'])
    expect(fixture.noticesOf('FileTooLong')).toMatchObject([
      { file: 'data/0', expected: 2 * PIECE, actual: 2 * PIECE + 12 },
      { file: 'data/2', expected: PIECE, actual: PIECE + 1 },
    ])
    expect(model.phase).toBe('seeding')
  })

  it('are told once they are wanted, and once', () => {
    const fixture = checkedFixture({ pieces: 4, files: [2, 1, 1], priorities: [0, 4, 4], longFiles })
    expect(told(fixture)).toEqual(['data/2'])
    fixture.command({ _tag: 'SetPriorities', priorities: [4, 4, 0] })
    fixture.command({ _tag: 'SetPriorities', priorities: [0, 4, 4] })
    fixture.command({ _tag: 'SetPriorities', priorities: [4, 4, 4] })
    expect(told(fixture)).toEqual(['data/2', 'data/0'])
  })

  it('are told by the name that they have', () => {
    const fixture = checkedFixture({ pieces: 4, files: [2, 1, 1], priorities: [0, 4, 4], longFiles })
    fixture.feed({ _tag: 'FileRenamed', at: fixture.now(), id: 1, file: 0, path: ['films', 'x'] })
    fixture.command({ _tag: 'SetPriorities', priorities: [4, 4, 4] })
    expect(told(fixture)).toEqual(['data/2', 'films/x'])
  })

  it('are not told before it is known what is wanted', () => {
    const fixture = checkedFixture({ pieces: 4, files: [2, 1, 1], awaitsPriorities: true, longFiles })
    expect(told(fixture)).toEqual([])
    fixture.command({ _tag: 'SetPriorities', priorities: [0, 0, 4] })
    expect(told(fixture)).toEqual(['data/2'])
  })

  it('are passed over where the storage names none of the torrent’s', () => {
    const fixture = checkedFixture({ pieces: 1, longFiles: [long(7, 1, 1)] })
    expect(told(fixture)).toEqual([])
  })
})

describe('CheckDone', () => {
  it('tells what is missing of the wanted pieces', () => {
    const options = { pieces: 4, files: [2, 1, 1], have: '.x.x' }
    expect(checkedFixture(options).noticesOf('CheckDone')).toMatchObject([
      { havePieces: 2, missingPieces: 2 },
    ])
    expect(checkedFixture({ ...options, priorities: [4, 0, 0] }).noticesOf('CheckDone')).toMatchObject([
      { havePieces: 2, missingPieces: 1 },
    ])
    expect(checkedFixture({ ...options, priorities: [0, 0, 4] }).noticesOf('CheckDone')).toMatchObject([
      { havePieces: 2, missingPieces: 0 },
    ])
  })
})
