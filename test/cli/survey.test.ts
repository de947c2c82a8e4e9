import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { addStep, damagedFiles, emptySurvey, type Survey } from '../../src/cli/survey.js'
import type { FileEntry, VerifyProgress } from '../../src/index.js'
import { pieceVerdict } from '../../src/index.js'

const { right, wrong, missing } = pieceVerdict

const file = (name: string, offset: number, length: number, isPad = false): FileEntry => ({
  path: ['root', name],
  offset,
  length,
  isPad,
  isExecutable: false,
  isHidden: false,
  symlink: O.none,
  piecesRoot: O.none,
})

const surveyOf = (...verdicts: ReadonlyArray<number>): Survey => ({
  ...emptySurvey(verdicts.length),
  verdicts: Uint8Array.from(verdicts),
})

const ALL = [1, 1, 1, 1, 1]

const torrent = {
  pieceLength: 10,
  files: [
    file('a', 0, 15),
    file('empty', 15, 0),
    file('pad', 15, 5, true),
    file('b', 20, 10),
    file('c', 30, 1),
  ],
}

describe('damagedFiles', () => {
  it('names the files that a bad piece is part of', () => {
    expect(damagedFiles(torrent, surveyOf(right, right, right, right), ALL)).toEqual([])
    expect(damagedFiles(torrent, surveyOf(right, wrong, right, missing), ALL)).toEqual(['root/a', 'root/c'])
    expect(damagedFiles(torrent, surveyOf(missing, missing, missing, missing), ALL)).toEqual([
      'root/a',
      'root/b',
      'root/c',
    ])
  })

  it('asks nothing of files that are not wanted', () => {
    expect(damagedFiles(torrent, surveyOf(right, wrong, missing, missing), [1, 0, 0, 0, 1])).toEqual([
      'root/a',
      'root/c',
    ])
  })
})

describe('addStep', () => {
  test.prop([fc.array(fc.uint8Array({ max: right, minLength: 1, maxLength: 5 }), { minLength: 1 })])(
    'puts the steps together',
    (batches) => {
      const verdicts = batches.flatMap((batch) => [...batch])
      let survey = emptySurvey(verdicts.length)
      let first = 0
      for (const batch of batches) {
        const step: VerifyProgress = {
          pieceCount: verdicts.length,
          wantedPieces: verdicts.length,
          checkedPieces: first + batch.length,
          havePieces: 1,
          wrongPieces: 2,
          missingPieces: 3,
          longFiles: [{ file: 0, expected: 1, actual: 2 }],
          first,
          verdicts: batch,
        }
        survey = addStep(survey, step)
        first += batch.length
      }
      expect([...survey.verdicts]).toEqual(verdicts)
      expect(survey).toMatchObject({
        checkedPieces: verdicts.length,
        havePieces: 1,
        wrongPieces: 2,
        missingPieces: 3,
        longFiles: [{ file: 0, expected: 1, actual: 2 }],
      })
    },
  )
})
