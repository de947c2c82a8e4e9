import { join } from 'node:path'
import type { LongFile, Metainfo } from '../index.js'
import { exitCode } from './exitCode.js'
import { formatCount } from './format/count.js'
import { jsonLine, plainText } from './format/plainText.js'
import { data, done, end, say, type End, type Output } from './output.js'
import { damagedFiles, type Survey } from './survey.js'
import { tooLongText } from './tooLongText.js'
import { filesLeftOut } from './wantedFiles.js'

export interface SurveyResultOptions {
  readonly directory: string
  readonly priorities: ReadonlyArray<number>
  readonly json: boolean
}

/** What a program is told of a verification. */
export const surveyCounts = ({
  pieceCount,
  wantedPieces,
  checkedPieces,
  havePieces,
  wrongPieces,
  missingPieces,
}: Survey): object => ({ pieceCount, wantedPieces, checkedPieces, havePieces, wrongPieces, missingPieces })

/** A verification that is over: what is not right, then whether all is. */
export const surveyResult = (
  metainfo: Metainfo,
  survey: Survey,
  { directory, priorities, json }: SurveyResultOptions,
): ReadonlyArray<Output> => {
  const damaged = damagedFiles(metainfo, survey, priorities)
  const long = survey.longFiles.map(({ file, expected, actual }) => ({
    file: metainfo.files[file]?.path.join('/') ?? '',
    expected,
    actual,
  }))
  const leftOutFiles = filesLeftOut(metainfo, priorities)
  const event = {
    event: 'verified',
    ...surveyCounts(survey),
    damagedFiles: damaged,
    longFiles: long,
    leftOutFiles,
  }
  return [
    ...(json ? [data(jsonLine(event))] : listed(damaged, long)),
    lastWord(plainText(join(directory, metainfo.name)), survey, leftOutFiles.length),
  ]
}

const lastWord = (
  place: string,
  { wantedPieces, havePieces, wrongPieces, missingPieces, longFiles }: Survey,
  leftOut: number,
): End => {
  const isPartial = leftOut > 0
  const pieces = formatCount(wantedPieces, isPartial ? 'wanted piece' : 'piece')
  const rest = isPartial ? `; ${formatCount(leftOut, 'file')} left out` : ''
  const long = formatCount(longFiles.length, 'file')
  const isLong = longFiles.length > 0
  if (havePieces === wantedPieces) {
    const what = `${place}: all ${pieces} are there and right`
    return isLong
      ? end(exitCode.notVerified, `${what}, but ${long} ${are(longFiles.length)} too long${rest}`)
      : done(what + rest)
  }
  const found = `${String(wrongPieces)} ${are(wrongPieces)} damaged and ${String(missingPieces)} ${are(missingPieces)} missing`
  const more = isLong ? `, and ${long} ${are(longFiles.length)} too long` : ''
  return end(exitCode.notVerified, `${place}: of ${pieces}, ${found}${more}${rest}`)
}

const are = (count: number): string => (count === 1 ? 'is' : 'are')

const LISTED_FILES = 20

const listed = (
  damaged: ReadonlyArray<string>,
  long: ReadonlyArray<Omit<LongFile, 'file'> & { readonly file: string }>,
): ReadonlyArray<Output> => {
  const lines = [
    ...damaged.map((file) => `not right: ${plainText(file)}`),
    ...long.map((file) => `not right: ${tooLongText(file)}`),
  ]
  const more = lines.length - LISTED_FILES
  return [
    ...lines.slice(0, LISTED_FILES).map(say),
    ...(more > 0 ? [say(`not right: ${formatCount(more, 'more file')}`)] : []),
  ]
}
