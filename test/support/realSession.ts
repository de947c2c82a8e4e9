import { filter, firstValueFrom, map, mergeMap, type Observable, of, type Subscription, take } from 'rxjs'
import { onTestFinished } from 'vitest'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { OpenStorage, Storage, StorageError } from '../../src/streams/deps.js'
import { memoryStorage } from '../../src/streams/disk/memoryStorage.js'
import type { Notice } from '../../src/operators/session/notice.js'
import type { SessionState } from '../../src/operators/session/state.js'
import { createHashPool } from '../../src/streams/node/hashPool.js'
import { session } from '../../src/streams/node/nodeSession.js'
import { nodeWebSeeds, type NodeWebSeedOptions } from '../../src/streams/node/webSeeds.js'
import type { Session } from '../../src/streams/session.js'
import type { SessionOptions } from '../../src/streams/sessionOptions.js'
import { layoutOf } from '../../src/streams/storageLayout.js'
import type { MadeTorrent } from './makeTorrent.js'
import { rethrow } from './rethrow.js'

const pool = createHashPool()

/** A disk in memory, and what is on it. */
export interface MemoryDisk {
  readonly openStorage: OpenStorage
  /** The torrent's stream; undefined while a part of it is missing. */
  readonly read: () => Uint8Array | undefined
}

export const memoryDisk = (torrent: MadeTorrent, content?: Uint8Array): MemoryDisk => {
  const openStorage = memoryStorage(pool.hasher)
  const layout = layoutOf(torrent.metainfo)
  /** Memory answers at once. */
  const ask = <A>(call: (storage: Storage) => Observable<Either<StorageError, A>>): A | undefined => {
    let answer: A | undefined
    openStorage(layout)
      .pipe(
        mergeMap((opened) => (E.isRight(opened) ? call(opened.right) : of(opened))),
        take(1),
      )
      .subscribe((result) => {
        if (E.isRight(result)) answer = result.right
      })
    return answer
  }
  if (content !== undefined) ask((storage) => storage.write(0, content))
  return { openStorage, read: () => ask((storage) => storage.read(0, layout.length)) }
}

export interface RunningSession {
  readonly session: Session
  readonly disk: MemoryDisk
  readonly notices: Notice[]
  readonly state: () => SessionState
  readonly port: () => Promise<number>
  readonly subscription: Subscription
}

/** A session over real sockets and a disk in memory, ended after the test. */
export const runSession = (
  torrent: MadeTorrent,
  disk: MemoryDisk,
  options: SessionOptions = {},
  web: NodeWebSeedOptions = {},
): RunningSession => {
  const running = session(torrent.metainfo, {
    ...options,
    directory: 'never-made',
    hashPool: pool,
    deps: { openStorage: disk.openStorage, webSeeds: nodeWebSeeds(web) },
  })
  const notices: Notice[] = []
  let state: SessionState | undefined
  const subscription = running.alert$.subscribe({ next: (notice) => notices.push(notice), error: rethrow })
  subscription.add(running.state$.subscribe({ next: (next) => (state = next), error: rethrow }))
  onTestFinished(() => {
    subscription.unsubscribe()
  })
  return {
    session: running,
    disk,
    notices,
    subscription,
    state: () => {
      if (state === undefined) throw new Error('no state yet')
      return state
    },
    port: () =>
      firstValueFrom(
        running.state$.pipe(
          map(({ port }) => O.toUndefined(port)),
          filter((port) => port !== undefined),
        ),
      ),
  }
}
