import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  concat,
  connect,
  defer,
  distinctUntilChanged,
  EMPTY,
  endWith,
  from,
  ignoreElements,
  map,
  merge,
  mergeMap,
  of,
  switchMap,
  takeLast,
  takeUntil,
  takeWhile,
  timer,
  withLatestFrom,
  type Observable,
} from 'rxjs'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import {
  encodeMetainfo,
  fetchMetainfo,
  keepTorrent,
  keptTorrent,
  showDecodeError,
  type Magnet,
  type Metainfo,
  type MetadataState,
  type PeerAddress,
} from '../index.js'
import type { TransferAction } from './action.js'
import { exitCode } from './exitCode.js'
import { failed } from './failed.js'
import { type Finders, keepRunning, sourcesOf } from './finders.js'
import { formatDuration } from './format/duration.js'
import { plainText } from './format/plainText.js'
import { lookUpAll } from './lookUp.js'
import { outputObstacle } from './outputFolder.js'
import { end, say, type End, type Output } from './output.js'
import { dhtOutput } from './progress/dhtOutput.js'
import { fetchedOutput, tellMetadata } from './progress/tellMetadata.js'
import { readMagnet } from './readMagnet.js'
import { codeText, systemText } from './storageText.js'
import type { World } from './world.js'

/** What a magnet link led to. */
export interface LinkedTorrent {
  readonly _tag: 'LinkedTorrent'
  readonly magnet: Magnet
  readonly metainfo: Metainfo
  /** Peers known by now. */
  readonly peers: ReadonlyArray<PeerAddress>
  /** Where others were told to find us; 0: nowhere in particular. */
  readonly port: number
  /** A .torrent file of it. */
  readonly file: string
}

/**
 * The torrent that a link stands for: kept by an earlier run, or fetched from peers and kept. Tells how it goes; the last
 * output is the torrent, or an `End`.
 */
export const magnetTorrent = (
  action: TransferAction,
  finders: Finders,
  world: World,
): Observable<Output | LinkedTorrent> => {
  const magnet = readMagnet(action.file)
  if (E.isLeft(magnet)) return of(magnet.left)
  return outputObstacle(action.directory).pipe(
    switchMap((obstacle) =>
      obstacle === undefined ? keptTorrent(action.directory, magnet.right) : of(obstacle),
    ),
    switchMap((kept): Observable<Output | LinkedTorrent> => {
      if (kept._tag === 'End') return of(kept)
      return kept._tag === 'Some'
        ? of(
            linked(
              magnet.right,
              withTrackers(kept.value, magnet.right),
              { peers: magnet.right.peers, port: action.port },
              action,
            ),
          )
        : keepRunning(finders, search(magnet.right, action, finders, world))
    }),
  )
}

const linked = (
  magnet: Magnet,
  metainfo: Metainfo,
  known: Pick<LinkedTorrent, 'peers' | 'port'>,
  { directory, saveTorrent }: TransferAction,
): LinkedTorrent => {
  const { v1, v2 } = magnet.infohash
  const id = O.match(() => '', hex)(O.isSome(v1) ? v1 : v2)
  const file = saveTorrent ?? join(directory, '.rxtorrent', `${id}.torrent`)
  return { _tag: 'LinkedTorrent', magnet, metainfo, ...known, file }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** A link may know of more than one that led here before. */
const withTrackers = (metainfo: Metainfo, { trackers }: Magnet): Metainfo => {
  const known = new Set(metainfo.trackers.flat())
  const fresh = trackers.filter((url) => !known.has(url)).map((url) => [url])
  return { ...metainfo, trackers: [...metainfo.trackers, ...fresh] }
}

/** The search, and what there is to tell of the DHT meanwhile. */
const search = (
  magnet: Magnet,
  action: TransferAction,
  finders: Finders,
  world: World,
): Observable<Output | LinkedTorrent> =>
  merge(
    finders.node === undefined ? EMPTY : dhtOutput(finders.node, action.json),
    fetched(magnet, action, finders, world),
  ).pipe(
    takeWhile(({ _tag }) => _tag !== 'End' && _tag !== 'LinkedTorrent', true),
    mergeMap((step) => (step._tag === 'End' ? failed(step, action.json) : [step])),
  )

const fetched = (
  magnet: Magnet,
  action: TransferAction,
  finders: Finders,
  world: World,
): Observable<Output | LinkedTorrent> => {
  const asked = action.useTrackers ? magnet : { ...magnet, trackers: [] }
  return lookUpAll(action.peers).pipe(
    switchMap(({ peers, failures }) =>
      concat(
        from(failures).pipe(map(say)),
        fetchMetainfo(asked, {
          port: action.port,
          peers,
          pex: action.pex,
          encryption: action.encryption,
          utp: action.utp,
          sources: sourcesOf(finders),
        }).pipe(
          connect((state$) =>
            merge(
              state$.pipe(tellMetadata(action.json, world)),
              state$.pipe(
                takeLast(1),
                mergeMap((state) => conclude(state, magnet, action)),
              ),
              idleFor(action.timeoutSeconds, state$),
            ),
          ),
          takeWhile((output) => output._tag !== 'End', true),
        ),
      ),
    ),
  )
}

const conclude = (
  state: MetadataState,
  magnet: Magnet,
  action: TransferAction,
): Observable<Output | LinkedTorrent> => {
  switch (state._tag) {
    case 'Fetching':
      return of(end(exitCode.unfinished, 'the search ended before there was metadata'))
    case 'MetadataFailed':
      return of(
        end(
          exitCode.badTorrent,
          state.error._tag === 'HashesDisagree'
            ? 'the two hashes of this link belong to different torrents'
            : `what this link stands for is not a usable torrent: ${showDecodeError(state.error.error)}`,
        ),
      )
    case 'Fetched': {
      const { metainfo, torrent, peers } = state
      const port = O.getOrElse(() => action.port)(state.port)
      return concat(
        fetchedOutput(metainfo, action.json),
        keepTorrent(action.directory, magnet, torrent).pipe(
          mergeMap((kept) =>
            E.isRight(kept)
              ? []
              : [say(`cannot keep the torrent in ${plainText(action.directory)}: ${codeText(kept.left)}`)],
          ),
        ),
        of(linked(magnet, withTrackers(metainfo, magnet), { peers, port }, action)),
      )
    }
  }
}

/** Writes a .torrent file; what stands in the way ends the command. Emits the `End`, or nothing. */
export const saveTorrentFile = (path: string, metainfo: Metainfo): Observable<End> =>
  defer(() => from(save(path, encodeMetainfo(metainfo)))).pipe(
    mergeMap((problem) => (problem === undefined ? [] : [problem])),
  )

const save = async (path: string, torrent: Uint8Array): Promise<End | undefined> => {
  try {
    await writeFile(`${path}.part`, torrent)
    await rename(`${path}.part`, path)
    return undefined
  } catch (error) {
    return end(exitCode.disk, systemText('write', path, error))
  }
}

/** The end of a search to which nothing has come for so long. */
const idleFor = (seconds: number | undefined, state$: Observable<MetadataState>): Observable<End> =>
  seconds === undefined
    ? EMPTY
    : state$.pipe(
        map(({ progress }) => progress.haveBytes),
        distinctUntilChanged(),
        switchMap(() => timer(seconds * 1000)),
        withLatestFrom(state$),
        map(([, { progress }]) =>
          progress.peers.length === 0
            ? end(exitCode.noPeers, `no peers for ${formatDuration(seconds)}: gave up`)
            : end(exitCode.unfinished, `no metadata has come for ${formatDuration(seconds)}: gave up`),
        ),
        takeUntil(state$.pipe(ignoreElements(), endWith(true))),
      )
