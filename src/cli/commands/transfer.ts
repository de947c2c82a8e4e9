import { join } from 'node:path'
import { concat, from, map, of, race, switchMap, take, type Observable } from 'rxjs'
import { session, type Metainfo } from '../../index.js'
import type { TransferAction } from '../action.js'
import { dataMissing } from '../dataFolder.js'
import { plainText } from '../format/plainText.js'
import { lookUpAll, type LookedUp } from '../lookUp.js'
import { say, type Output } from '../output.js'
import { reportFor } from '../progress/report.js'
import { runSession } from '../runSession.js'
import { shellQuote } from '../shellQuote.js'
import { withTorrent } from '../torrentFile.js'
import type { World } from '../world.js'

/** `rxtorrent download` and `rxtorrent seed`. Stops in good order by itself. */
export const transfer = (action: TransferAction, world: World): Observable<Output> =>
  withTorrent(action.file, 'v1', (metainfo) =>
    action.role === 'download'
      ? start(metainfo, action, world)
      : dataMissing(metainfo, action.directory).pipe(
          switchMap((missing) => (missing === undefined ? start(metainfo, action, world) : of(missing))),
        ),
  )

const NOBODY: LookedUp = { peers: [], failures: [] }

const start = (metainfo: Metainfo, action: TransferAction, world: World): Observable<Output> =>
  // A name server may take its time: a signal ends the wait, and then the session.
  race(lookUpAll(action.peers), world.stop$.pipe(map(() => NOBODY))).pipe(
    take(1),
    switchMap(({ peers, failures }) =>
      concat(
        from(failures).pipe(map(say)),
        runSession(
          session(metainfo, { directory: action.directory, port: action.port, peers }),
          {
            ...action,
            pieceCount: metainfo.pieceCount,
            place: join(action.directory, metainfo.name),
            hint: hintOf(metainfo, action, world),
          },
          reportFor(action.json, metainfo.pieceCount, world),
          world.stop$,
        ),
      ),
    ),
  )

/** What to run next. */
const hintOf = ({ name }: Metainfo, { role, file, directory }: TransferAction, { program }: World): string =>
  role === 'download'
    ? `to share it: ${program} seed ${shellQuote(file)} --data ${shellQuote(directory)}`
    : `to fetch the rest of ${plainText(name)}: ${program} download ${shellQuote(file)} -o ${shellQuote(directory)}`
