import { join } from 'node:path'
import {
  asyncScheduler,
  concat,
  EMPTY,
  filter,
  from,
  map,
  merge,
  mergeMap,
  observeOn,
  of,
  switchMap,
  take,
  takeWhile,
  type Observable,
} from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { pipe } from '#fp/function'
import * as O from '#fp/Option'
import { deadline, hasPieceHashes, lsdSource, orElse, sequential, session } from '../../index.js'
import type { Dht, Magnet, Metainfo, PeerAddress, Session } from '../../index.js'
import type { TransferAction } from '../action.js'
import { dataMissing } from '../dataFolder.js'
import { exitCode } from '../exitCode.js'
import { failed } from '../failed.js'
import { type Finders, findersFor, keepRunning, NO_FINDERS } from '../finders.js'
import { plainText } from '../format/plainText.js'
import { loaded } from '../loaded.js'
import { lookUpAll, type LookedUp } from '../lookUp.js'
import { isMagnet } from '../isMagnet.js'
import type { LinkedTorrent } from '../magnetTorrent.js'
import { outputObstacle } from '../outputFolder.js'
import { end, say, stopped, type End, type Output } from '../output.js'
import { dhtOutput } from '../progress/dhtOutput.js'
import { lsdOutput } from '../progress/lsdOutput.js'
import { reportFor } from '../progress/report.js'
import { runSession } from '../runSession.js'
import { settleConflict } from '../settleConflict.js'
import { shellQuote } from '../shellQuote.js'
import { noLayersText, torrentFile } from '../torrentFile.js'
import { chosenFiles, chosenOrSaved, linkedFiles, type WantedFiles } from '../wantedFiles.js'
import type { World } from '../world.js'

/** `rxtorrent download` and `rxtorrent seed`. Stops in good order by itself. */
export const transfer = (action: TransferAction, world: World): Observable<Output> =>
  loadFinders(action).pipe(
    switchMap((finders) => {
      // Until there is a session there is nothing to bring to an end: a signal drops all, a search too.
      const stopped$ = world.stop$.pipe(
        mergeMap((signal) => failed(stopped(signal), action.json && isMagnet(action.file))),
      )
      return merge(prepare(action, finders, world), stopped$).pipe(
        takeWhile(({ _tag }) => _tag !== 'End' && _tag !== 'Ready', true),
        switchMap((step) => (step._tag === 'Ready' ? start(step, finders, world) : of(step))),
      )
    }),
  )

const loadFinders = (action: TransferAction): Observable<Finders> =>
  action.dht === 'none' && !action.lsd
    ? of(NO_FINDERS)
    : loaded(
        () => import('../findersOf.js'),
        ({ findersOf }) => of(findersOf(action)),
      )

interface Found {
  readonly peers: ReadonlyArray<PeerAddress>
  /** Where others were told to find us already; 0: nowhere in particular. */
  readonly port: number
}

interface Plan extends LookedUp {
  readonly action: TransferAction
  readonly metainfo: Metainfo
  readonly wanted: WantedFiles
  /** Where the data is, or is to go. */
  readonly directory: string
  /** What a link, or its search, led to. */
  readonly found: Found
}

interface Ready extends Plan {
  readonly _tag: 'Ready'
  /** Not begun yet. */
  readonly torrent: Session
}

/** What is told meanwhile, then an `End` or a session. */
const prepare = (action: TransferAction, finders: Finders, world: World): Observable<Output | Ready> =>
  isMagnet(action.file)
    ? loaded(
        () => import('../magnetTorrent.js'),
        ({ magnetTorrent, saveTorrentFile }) =>
          magnetTorrent(action, finders, world).pipe(
            mergeMap((step) =>
              step._tag === 'LinkedTorrent'
                ? keepRunning(
                    findersFor(finders, step.metainfo),
                    concat(
                      action.saveTorrent === undefined
                        ? EMPTY
                        : saveTorrentFile(action.saveTorrent, step.metainfo),
                      fromLink(step, action, finders),
                    ),
                  )
                : of(step),
            ),
          ),
      )
    : torrentFile(action.file, 'all').pipe(
        switchMap((torrent) =>
          E.isLeft(torrent) ? of(torrent.left) : makeReady(torrent.right, action, finders),
        ),
      )

const fromLink = (
  { magnet, metainfo, peers, port, file }: LinkedTorrent,
  action: TransferAction,
  finders: Finders,
): Observable<Output | Ready> =>
  hasPieceHashes(metainfo)
    ? makeReady(metainfo, { ...action, file }, finders, { peers, port }, magnet)
    : of(end(exitCode.badTorrent, noLayersText(plainText(metainfo.name))))

const makeReady = (
  metainfo: Metainfo,
  action: TransferAction,
  finders: Finders,
  found: Found = { peers: [], port: action.port },
  magnet?: Magnet,
): Observable<Output | Ready> =>
  wantedOf(metainfo, action, magnet).pipe(
    switchMap((wanted) =>
      E.isLeft(wanted)
        ? of(wanted.left)
        : placeOf(metainfo, action).pipe(
            switchMap((place) =>
              E.isLeft(place)
                ? of(place.left)
                : lookUpAll(action.peers).pipe(
                    map((looked) =>
                      ready(
                        { action, metainfo, wanted: wanted.right, directory: place.right, found, ...looked },
                        finders,
                      ),
                    ),
                    // To make a session and to begin it is 10 ms each, the first time: not in one turn of the loop.
                    observeOn(asyncScheduler),
                  ),
            ),
          ),
    ),
  )

/** Who downloads without a word about files wants all: so the rest is fetched. */
const wantedOf = (
  metainfo: Metainfo,
  { role, select, directory }: TransferAction,
  magnet: Magnet | undefined,
): Observable<Either<End, WantedFiles>> => {
  if (role === 'seed') return chosenOrSaved(metainfo, select, directory)
  return of(
    select.length === 0 && magnet !== undefined
      ? E.right(linkedFiles(metainfo, magnet))
      : chosenFiles(metainfo, select),
  )
}

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

const ready = (plan: Plan, finders: Finders): Ready => {
  const { action, metainfo, wanted, directory, peers, found } = plan
  const { down, up, recheck, pex, webSeeds, encryption, utp, sync, isSequential } = action
  const { node, local } = findersFor(finders, metainfo)
  const torrent = session(metainfo, {
    directory,
    port: found.port,
    peers: [...peers, ...found.peers],
    announce: action.useTrackers,
    priorities: wanted.priorities,
    recheck,
    pex,
    webSeeds,
    encryption,
    utp,
    sync,
    limits: { down, up },
    ...(node === undefined ? {} : { dht: node }),
    sources: local === undefined ? [] : [lsdSource(local)],
    policies: isSequential ? { piece: pipe(deadline, orElse(sequential)) } : {},
  })
  return { ...plan, _tag: 'Ready', torrent }
}

const start = (
  { action, metainfo, wanted, directory, found, names, failures, torrent }: Ready,
  finders: Finders,
  world: World,
): Observable<Output> => {
  const { role, json, webSeeds, utp } = action
  const trackers = action.useTrackers ? metainfo.trackers.length : 0
  const { node, local } = findersFor(finders, metainfo)
  const servers = webSeeds ? metainfo.webSeeds.length + metainfo.httpSeeds.length : 0
  const known = trackers + action.peers.length + found.peers.length + servers
  const isAlone = role === 'download' && known === 0 && node === undefined && local === undefined
  const report = reportFor({ json, pieceCount: metainfo.pieceCount, names }, world)
  return concat(
    from([...failures, ...(wanted.note === undefined ? [] : [wanted.note])]).pipe(map(say)),
    keepRunning(
      findersFor(finders, metainfo),
      merge(
        node === undefined ? [] : dhtOutput(node, json),
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
        action.portMapping
          ? loaded(
              () => import('../progress/portMappingOutput.js'),
              ({ portMappingOutput }) => portMappingOutput(torrent, udpPortOf(torrent, node, utp), report),
            )
          : [],
        isAlone ? lacksPeers(torrent).pipe(map(() => say(nobodyToAsk(action)))) : [],
      ),
    ).pipe(takeWhile(({ _tag }) => _tag !== 'End', true)),
  )
}

/** Of the DHT node; uTP has the number of the session's own, which is the node's too where `--port` names one. */
const udpPortOf = (
  { state$ }: Pick<Session, 'state$'>,
  node: Pick<Dht, 'port$'> | undefined,
  utp: TransferAction['utp'],
): Observable<number> => {
  if (node !== undefined) return node.port$
  return utp === 'off' ? EMPTY : state$.pipe(mergeMap(({ port }) => (O.isSome(port) ? [port.value] : [])))
}

/** Emits once there is something to fetch: all of it may be there already. */
const lacksPeers = ({ state$ }: Pick<Session, 'state$'>): Observable<unknown> =>
  state$.pipe(
    filter(({ phase }) => phase === 'downloading' || phase === 'stalled'),
    take(1),
  )

const nobodyToAsk = ({ useTrackers, webSeeds }: TransferAction): string => {
  const lacking = webSeeds ? 'no tracker or web seed in this torrent' : 'no tracker in this torrent'
  const why = [useTrackers ? lacking : '--no-trackers', ...(webSeeds ? [] : ['--no-web-seeds'])]
  return `${why.join(', ')} and no --peer: nobody to ask`
}

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
