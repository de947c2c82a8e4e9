import { join } from 'node:path'
import {
  bufferCount,
  concat,
  connect,
  distinct,
  filter,
  map,
  merge,
  mergeMap,
  of,
  switchMap,
  takeLast,
  type Observable,
} from 'rxjs'
import * as E from '#fp/Either'
import {
  createTorrent,
  decodeMetainfo,
  session,
  showDecodeError,
  type Metainfo,
  type Notice,
} from '../../index.js'
import { createFailure } from '../createText.js'
import { demoTracker } from '../demo/demoTracker.js'
import {
  copySample,
  differences,
  sampleFileCount,
  sampleName,
  sampleSize,
  writeSample,
} from '../demo/sample.js'
import { temporaryFolder } from '../demo/temporaryFolder.js'
import { exitCode } from '../exitCode.js'
import { formatBytes } from '../format/bytes.js'
import { formatCount } from '../format/count.js'
import { done, end, say, type Output } from '../output.js'
import { reportFor, type Report } from '../progress/report.js'
import { runSession } from '../runSession.js'
import type { World } from '../world.js'

/** `rxtorrent demo`: a whole swarm on this machine, over real sockets and real files. */
export const demo = (world: World): Observable<Output> =>
  temporaryFolder(world.temporaryFolder).pipe(
    switchMap((folder) =>
      demoTracker().pipe(
        switchMap((announce) => concat(of(say(`tracker:     ${announce}`)), share(folder, announce, world))),
      ),
    ),
  )

/** Makes the sample and a torrent of it. */
const share = (folder: string, announce: string, world: World): Observable<Output> => {
  const original = join(folder, 'original')
  const path = join(original, sampleName)
  // Two sessions never share their files: each seeder has a copy of its own.
  return concat(writeSample(original), copySample(original, join(folder, 'second'))).pipe(
    takeLast(1),
    switchMap(() =>
      concat(
        of(
          say(
            `sample:      ${formatBytes(sampleSize)} of random bytes in ${formatCount(sampleFileCount, 'file')}`,
          ),
        ),
        createTorrent({ path, trackers: [[announce]] }).pipe(
          takeLast(1),
          switchMap((made) => {
            if (E.isLeft(made)) return createFailure(path, made.left)
            return made.right._tag === 'Created' ? swarm(folder, made.right.torrent, world) : []
          }),
        ),
      ),
    ),
  )
}

/** Seeds the sample twice and downloads it. */
const swarm = (folder: string, torrent: Uint8Array, world: World): Observable<Output> => {
  const decoded = decodeMetainfo(torrent)
  if (E.isLeft(decoded)) return of(end(exitCode.unexpected, showDecodeError(decoded.left)))
  const metainfo = decoded.right
  const seeders = ['original', 'second'].map((name, index) => seeder(index + 1, metainfo, join(folder, name)))
  return concat(
    of(
      say(
        `torrent:     ${formatCount(metainfo.pieceCount, 'piece')} of ${formatBytes(metainfo.pieceLength)}`,
      ),
    ),
    merge(...seeders).pipe(
      connect((told$) =>
        merge(
          told$,
          told$.pipe(
            bufferCount(seeders.length),
            switchMap(() => download(folder, metainfo, world)),
          ),
        ),
      ),
    ),
  )
}

/** Runs a seeder; emits once, when the tracker knows it. */
const seeder = (number: number, metainfo: Metainfo, directory: string): Observable<Output> =>
  session(metainfo, { directory }).alert$.pipe(
    filter((notice) => isFailure(notice) || notice._tag === 'AnnounceDone'),
    distinct(({ _tag }) => _tag),
    map((notice) =>
      notice._tag === 'AnnounceDone'
        ? say(`seeder ${String(number)}:    announced to the tracker`)
        : end(exitCode.unexpected, `seeder ${String(number)} failed: ${notice._tag}`),
    ),
  )

const isFailure = ({ _tag }: Notice): boolean =>
  _tag === 'ListenFailed' || _tag === 'AnnounceFailed' || _tag === 'StorageFailed'

const download = (folder: string, metainfo: Metainfo, world: World): Observable<Output> => {
  const directory = join(folder, 'download')
  const { pieceCount } = metainfo
  return concat(
    of(say('download:    finds the seeders through the tracker …')),
    runSession(
      session(metainfo, { directory }),
      {
        role: 'download',
        seed: false,
        seedRatio: undefined,
        seedSeconds: undefined,
        timeoutSeconds: 60,
        port: 0,
        pieceCount,
        place: sampleName,
        hint: '',
      },
      withoutPort(reportFor({ json: false, pieceCount, names: new Map() }, world)),
      world.stop$,
    ).pipe(
      mergeMap((output) =>
        output._tag === 'End' && output.code === exitCode.done
          ? concat(
              of(say(`download:    ${output.text}`)),
              compare(join(folder, 'original'), directory, world),
            )
          : of(output),
      ),
    ),
  )
}

/** Where it listens is of no use here. */
const withoutPort = (report: Report): Report => ({
  ...report,
  notices: (notice$) => report.notices(notice$.pipe(filter(({ _tag }) => _tag !== 'Listening'))),
})

const compare = (original: string, copy: string, { program }: World): Observable<Output> =>
  differences(original, copy).pipe(
    map((different) =>
      different.length === 0
        ? done(
            [
              `comparison:  every byte of ${formatCount(sampleFileCount, 'file')} is the same`,
              '',
              'The same with data of your own:',
              `  ${program} create PATH -o NAME.torrent --announce URL`,
              `  ${program} seed NAME.torrent --data FOLDER`,
              `  ${program} download NAME.torrent -o FOLDER`,
            ].join('\n'),
          )
        : end(exitCode.unexpected, `downloaded files differ from the original: ${different.join(', ')}`),
    ),
  )
