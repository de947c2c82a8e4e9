import { join } from 'node:path'
import { connect, merge, mergeMap, of, scan, switchMap, takeLast, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { pipe } from '#fp/function'
import { pieceStatus, pieceVerdict, verifyData, type Metainfo, type StorageError } from '../../index.js'
import type { VerifyAction } from '../action.js'
import { dataMissing } from '../dataFolder.js'
import { exitCode } from '../exitCode.js'
import { formatCount } from '../format/count.js'
import { jsonLine, plainText } from '../format/plainText.js'
import { data, done, end, say, type Output } from '../output.js'
import { tellWork, type Work } from '../progress/work.js'
import { storageText } from '../storageText.js'
import { addStep, damagedFiles, emptySurvey, type Survey } from '../survey.js'
import { withTorrent } from '../torrentFile.js'
import type { World } from '../world.js'

/** `rxtorrent verify`. */
export const verify = (action: VerifyAction, world: World): Observable<Output> =>
  withTorrent(action.file, 'v1', (metainfo) =>
    dataMissing(metainfo, action.directory).pipe(
      switchMap((missing) => (missing === undefined ? compare(metainfo, action, world) : of(missing))),
    ),
  )

type Found = Either<StorageError, Survey>

const compare = (metainfo: Metainfo, action: VerifyAction, world: World): Observable<Output> =>
  verifyData(metainfo, action.directory).pipe(
    scan(
      (before: Found, step) =>
        pipe(
          before,
          E.chain((survey) =>
            pipe(
              step,
              E.map((found) => addStep(survey, found)),
            ),
          ),
        ),
      E.right(emptySurvey(metainfo.pieceCount)),
    ),
    connect((found$) =>
      merge(
        found$.pipe(
          mergeMap((found) => (E.isRight(found) ? [workOf(metainfo.pieceCount, found.right)] : [])),
          tellWork(action.json, world),
        ),
        found$.pipe(
          takeLast(1),
          mergeMap((found) =>
            E.isLeft(found)
              ? [end(exitCode.disk, storageText(found.left))]
              : result(metainfo, action, found.right),
          ),
        ),
      ),
    ),
  )

const workOf = (pieceCount: number, survey: Survey): Work => ({
  what: 'checking',
  share: pieceCount === 0 ? 1 : survey.checkedPieces / pieceCount,
  status: survey.verdicts.map((verdict) =>
    verdict === pieceVerdict.right ? pieceStatus.have : pieceStatus.missing,
  ),
  event: { event: 'progress', phase: 'checking', ...countsOf(survey, pieceCount) },
})

const countsOf = (
  { checkedPieces, havePieces, wrongPieces, missingPieces }: Survey,
  pieceCount: number,
): object => ({ pieceCount, checkedPieces, havePieces, wrongPieces, missingPieces })

const LISTED_FILES = 20

const result = (metainfo: Metainfo, action: VerifyAction, survey: Survey): ReadonlyArray<Output> => {
  const { pieceCount } = metainfo
  const files = damagedFiles(metainfo, survey)
  const place = plainText(join(action.directory, metainfo.name))
  const { havePieces, wrongPieces, missingPieces } = survey
  const isGood = havePieces === pieceCount
  const event = action.json
    ? [data(jsonLine({ event: 'verified', ...countsOf(survey, pieceCount), damagedFiles: files }))]
    : listed(files)
  return [
    ...event,
    isGood
      ? done(`${place}: all ${formatCount(pieceCount, 'piece')} are there and right`)
      : end(
          exitCode.notVerified,
          `${place}: of ${formatCount(pieceCount, 'piece')}, ${String(wrongPieces)} ${are(wrongPieces)} damaged and ${String(missingPieces)} ${are(missingPieces)} missing`,
        ),
  ]
}

const are = (count: number): string => (count === 1 ? 'is' : 'are')

const listed = (files: ReadonlyArray<string>): ReadonlyArray<Output> => {
  const more = files.length - LISTED_FILES
  return [
    ...files.slice(0, LISTED_FILES).map((file) => say(`not right: ${plainText(file)}`)),
    ...(more > 0 ? [say(`not right: ${formatCount(more, 'more file')}`)] : []),
  ]
}
