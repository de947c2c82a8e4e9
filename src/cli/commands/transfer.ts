import { join } from 'node:path'
import { concat, from, map, of, race, switchMap, take, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { pipe } from '#fp/function'
import { deadline, orElse, sequential, session, type Metainfo } from '../../index.js'
import type { TransferAction } from '../action.js'
import { dataMissing } from '../dataFolder.js'
import { plainText } from '../format/plainText.js'
import { lookUpAll, type LookedUp } from '../lookUp.js'
import { outputObstacle } from '../outputFolder.js'
import { say, stopped, type End, type Output } from '../output.js'
import { reportFor } from '../progress/report.js'
import { runSession } from '../runSession.js'
import { settleConflict } from '../settleConflict.js'
import { shellQuote } from '../shellQuote.js'
import { torrentFile } from '../torrentFile.js'
import { chosenFiles, chosenOrSaved, type WantedFiles } from '../wantedFiles.js'
import type { World } from '../world.js'

/** `rxtorrent download` and `rxtorrent seed`. Stops in good order by itself. */
export const transfer = (action: TransferAction, world: World): Observable<Output> =>
  // Until there is a session there is nothing to bring to an end: a signal drops all.
  race(prepare(action), world.stop$.pipe(map((signal) => E.left(stopped(signal))))).pipe(
    take(1),
    switchMap((ready) => (E.isLeft(ready) ? of(ready.left) : start(ready.right, action, world))),
  )

interface Ready extends LookedUp {
  readonly metainfo: Metainfo
  readonly wanted: WantedFiles
  /** Where the data is, or is to go. */
  readonly directory: string
}

const prepare = (action: TransferAction): Observable<Either<End, Ready>> =>
  torrentFile(action.file, 'v1').pipe(
    switchMap((torrent) => (E.isLeft(torrent) ? of(torrent) : makeReady(torrent.right, action))),
  )

const makeReady = (metainfo: Metainfo, action: TransferAction): Observable<Either<End, Ready>> =>
  wantedOf(metainfo, action).pipe(
    switchMap((wanted) =>
      E.isLeft(wanted)
        ? of(wanted)
        : placeOf(metainfo, action).pipe(
            switchMap((place) =>
              E.isLeft(place)
                ? of(place)
                : lookUpAll(action.peers).pipe(
                    map((found) =>
                      E.right({ metainfo, wanted: wanted.right, directory: place.right, ...found }),
                    ),
                  ),
            ),
          ),
    ),
  )

/** Who downloads without a word about files wants all: so the rest is fetched. */
const wantedOf = (
  metainfo: Metainfo,
  { role, select, directory }: TransferAction,
): Observable<Either<End, WantedFiles>> =>
  role === 'download' ? of(chosenFiles(metainfo, select)) : chosenOrSaved(metainfo, select, directory)

/** The folder of the data, once nothing is in the way there. */
const placeOf = (metainfo: Metainfo, action: TransferAction): Observable<Either<End, string>> =>
  (action.role === 'download'
    ? outputObstacle(action.directory)
    : dataMissing(metainfo, action.directory)
  ).pipe(
    switchMap((obstacle) =>
      obstacle === undefined
        ? settleConflict(metainfo, action.directory, action.onConflict)
        : of(E.left(obstacle)),
    ),
  )

const start = (
  { metainfo, wanted, directory, peers, names, failures }: Ready,
  action: TransferAction,
  world: World,
): Observable<Output> => {
  const { role, port, json, down, up, recheck, isSequential } = action
  const { trackers, webSeeds, httpSeeds } = metainfo
  const sources = [trackers, webSeeds, httpSeeds, action.peers]
  const isAlone = role === 'download' && sources.every(({ length }) => length === 0)
  return concat(
    from([
      ...failures,
      ...(wanted.note === undefined ? [] : [wanted.note]),
      ...(isAlone ? [NOBODY_TO_ASK] : []),
    ]).pipe(map(say)),
    runSession(
      session(metainfo, {
        directory,
        port,
        peers,
        priorities: wanted.priorities,
        recheck,
        limits: { down, up },
        policies: isSequential ? { piece: pipe(deadline, orElse(sequential)) } : {},
      }),
      {
        ...action,
        pieceCount: metainfo.pieceCount,
        place: join(directory, metainfo.name),
        hint: hintOf(metainfo, { ...action, directory }, wanted, world),
      },
      reportFor({ json, pieceCount: metainfo.pieceCount, names }, world),
      world.stop$,
    ),
  )
}

const NOBODY_TO_ASK = 'no tracker or web seed in this torrent and no --peer: nobody to ask'

/** What to run next. */
const hintOf = (
  { name }: Metainfo,
  { role, file, directory }: TransferAction,
  { choice }: WantedFiles,
  { program }: World,
): string => {
  const select = choice === '' ? '' : ` --select ${shellQuote(choice)}`
  return role === 'download'
    ? `to share it: ${program} seed ${shellQuote(file)} --data ${shellQuote(directory)}${select}`
    : `to fetch the rest of ${plainText(name)}: ${program} download ${shellQuote(file)} -o ${shellQuote(directory)}${select}`
}
