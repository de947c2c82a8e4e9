import {
  concat,
  connect,
  from,
  map,
  merge,
  mergeMap,
  of,
  scan,
  switchMap,
  takeLast,
  type Observable,
} from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { pipe } from '#fp/function'
import { pieceStatus, pieceVerdict, verifyData, type Metainfo, type StorageError } from '../../index.js'
import type { VerifyAction } from '../action.js'
import { dataMissing } from '../dataFolder.js'
import { exitCode } from '../exitCode.js'
import { end, say, type Output } from '../output.js'
import { tellWork, type Work } from '../progress/work.js'
import { storageText } from '../storageText.js'
import { addStep, emptySurvey, type Survey } from '../survey.js'
import { surveyCounts, surveyResult } from '../surveyResult.js'
import { withTorrent } from '../torrentFile.js'
import { chosenOrSaved, type WantedFiles } from '../wantedFiles.js'
import type { World } from '../world.js'

/** `rxtorrent verify`. */
export const verify = (action: VerifyAction, world: World): Observable<Output> =>
  withTorrent(action.file, 'all', (metainfo) =>
    dataMissing(metainfo, action.directory).pipe(
      switchMap((missing) =>
        missing === undefined
          ? chosenOrSaved(metainfo, action.select, action.directory).pipe(
              switchMap((wanted) =>
                E.isLeft(wanted) ? of(wanted.left) : compare(metainfo, wanted.right, action, world),
              ),
            )
          : of(missing),
      ),
    ),
  )

type Found = Either<StorageError, Survey>

const compare = (
  metainfo: Metainfo,
  { priorities, note }: WantedFiles,
  action: VerifyAction,
  world: World,
): Observable<Output> =>
  concat(
    from(note === undefined ? [] : [note]).pipe(map(say)),
    verifyData(metainfo, action.directory, { priorities }).pipe(
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
            mergeMap((found) => (E.isRight(found) ? [found.right] : [])),
            tellWork(action.json, world, workOf),
          ),
          found$.pipe(
            takeLast(1),
            mergeMap((found) =>
              E.isLeft(found)
                ? [end(exitCode.disk, storageText(found.left))]
                : surveyResult(metainfo, found.right, { ...action, priorities }),
            ),
          ),
        ),
      ),
    ),
  )

const workOf = (survey: Survey): Work => ({
  what: 'checking',
  share: survey.wantedPieces === 0 ? 1 : survey.checkedPieces / survey.wantedPieces,
  status: survey.verdicts.map((verdict) =>
    verdict === pieceVerdict.right ? pieceStatus.have : pieceStatus.missing,
  ),
  event: { event: 'progress', phase: 'checking', ...surveyCounts(survey) },
})
