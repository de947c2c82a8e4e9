import { join } from 'node:path'
import { concat, from, map, merge, of, race, switchMap, take, takeWhile, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { pipe } from '#fp/function'
import {
  deadline,
  dht,
  type Dht,
  lsd,
  lsdSource,
  orElse,
  sequential,
  session,
  type Metainfo,
} from '../../index.js'
import type { TransferAction } from '../action.js'
import { dataMissing } from '../dataFolder.js'
import { plainText } from '../format/plainText.js'
import { lookUpAll, type LookedUp } from '../lookUp.js'
import { outputObstacle } from '../outputFolder.js'
import { say, stopped, type End, type Output } from '../output.js'
import { lsdOutput } from '../progress/lsdOutput.js'
import { portMappingOutput } from '../progress/portMappingOutput.js'
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
  const { role, port, json, down, up, recheck, pex, isSequential } = action
  const trackers = action.useTrackers ? metainfo.trackers.length : 0
  const node = dhtOf(action, metainfo, directory)
  const local = action.lsd && !metainfo.isPrivate ? lsd() : undefined
  const isAlone =
    role === 'download' &&
    trackers === 0 &&
    action.peers.length === 0 &&
    node === undefined &&
    local === undefined
  const report = reportFor({ json, pieceCount: metainfo.pieceCount, names }, world)
  const torrent = session(metainfo, {
    directory,
    port,
    peers,
    announce: action.useTrackers,
    priorities: wanted.priorities,
    recheck,
    pex,
    limits: { down, up },
    ...(node === undefined ? {} : { dht: node }),
    sources: local === undefined ? [] : [lsdSource(local)],
    policies: isSequential ? { piece: pipe(deadline, orElse(sequential)) } : {},
  })
  return concat(
    from([
      ...failures,
      ...(wanted.note === undefined ? [] : [wanted.note]),
      ...(isAlone ? [nobodyToAsk(action)] : []),
    ]).pipe(map(say)),
    merge(
      local === undefined ? [] : lsdOutput(local, report),
      runSession(
        torrent,
        {
          ...action,
          pieceCount: metainfo.pieceCount,
          place: join(directory, metainfo.name),
          hint: hintOf(metainfo, { ...action, directory }, wanted, world),
        },
        report,
        world.stop$,
      ),
      // After the session: who subscribes first starts it, and must miss nothing.
      action.portMapping ? portMappingOutput(torrent, report) : [],
    ).pipe(takeWhile(({ _tag }) => _tag !== 'End', true)),
  )
}

/** A node for this run, which knows from the last one whom to ask; a private torrent has none (BEP 27). */
const dhtOf = (
  { dht: choice, port }: TransferAction,
  { isPrivate }: Metainfo,
  directory: string,
): Dht | undefined =>
  choice === 'none' || isPrivate
    ? undefined
    : dht({ directory, port, ...(choice.bootstrap.length === 0 ? {} : { bootstrap: choice.bootstrap }) })

const nobodyToAsk = ({ useTrackers }: TransferAction): string =>
  `${useTrackers ? 'no tracker in this torrent' : '--no-trackers'} and no --peer: nobody to ask`

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
