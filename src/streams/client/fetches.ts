import { defer, map, mergeMap, type Observable, of, ReplaySubject, Subscription } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import { toHex } from '../../codecs/bytes.js'
import { type Magnet, wantsFile } from '../../codecs/magnet.js'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import { type SwarmNames, swarmNames } from '../../codecs/swarmHash.js'
import type { MetadataState } from '../../operators/metadata/state.js'
import type { PeerSource } from '../../operators/peer/source.js'
import { selectFiles } from '../../operators/piece/selectFiles.js'
import { aborted } from '../../operators/rx/until.js'
import type { SessionDeps } from '../deps.js'
import { fetchMetadata } from '../metadata/fetchMetadata.js'
import { type AddError, type UsableTorrent, withInfohash } from './addTorrent.js'
import type { FetchingMagnet } from './clientState.js'
import type { Added } from './added.js'
import type { AddOptions, KeptTorrents } from './options.js'

/** The magnet links of a client whose torrents are not known yet, by infohash in hex. */
export interface Fetches {
  readonly size: () => number
  /** A line for each. */
  readonly states: () => ReadonlyMap<string, FetchingMagnet>
  /** Begins, or joins, the search for a link's torrent; emits once, when it has become a session or cannot. */
  readonly follow: (
    magnet: Magnet,
    infohash: Uint8Array,
    options: AddOptions,
  ) => Observable<Either<AddError, Added>>
  /** The torrent came another way: the search ends, then its session is made, and is the answer. */
  readonly settle: (infohash: string, added: () => Added) => void
  /** Answers whether there was one. */
  readonly cancel: (infohash: string) => boolean
  readonly cancelAll: (because: AddError) => void
}

export interface FetchesOptions {
  readonly directoryOf: (options: AddOptions) => string
  readonly depsOf: (names: SwarmNames, options: AddOptions) => SessionDeps
  /** Where peers of a link are looked for, besides its trackers. */
  readonly sourcesOf: (options: AddOptions) => ReadonlyArray<PeerSource>
  readonly kept: KeptTorrents | undefined
  /** Makes a session of what was found. */
  readonly take: (torrent: UsableTorrent, options: AddOptions) => Added
  readonly onChange: () => void
  /** One has begun, or is over. */
  readonly onCount: () => void
  /** A bug ended the search. */
  readonly onDied: (infohash: string, error: unknown) => void
}

interface Fetch {
  state: FetchingMagnet
  readonly added$: Observable<Either<AddError, Added>>
  readonly finish: (answer: () => Either<AddError, Added>) => void
}

/** What goes on from a link to a session: kept by an earlier run, or found by peers. */
type Step =
  | { readonly _tag: 'Known'; readonly metainfo: Metainfo; readonly peers: ReadonlyArray<PeerAddress> }
  | { readonly _tag: 'Searching'; readonly state: MetadataState }

export const createFetches = (client: FetchesOptions): Fetches => {
  const fetches = new Map<string, Fetch>()
  let view: ReadonlyMap<string, FetchingMagnet> | undefined
  const changed = (): void => {
    view = undefined
    client.onChange()
  }

  const search = (magnet: Magnet, options: AddOptions): Observable<Step> => {
    const directory = client.directoryOf(options)
    const { peers = [], pex = true } = options
    const sources = client.sourcesOf(options)
    const searching$ = defer(() =>
      fetchMetadata(magnet, client.depsOf(swarmNames(magnet), options), { peers, pex, sources }),
    ).pipe(map((state): Step => ({ _tag: 'Searching', state })))
    return (client.kept?.load(directory, magnet) ?? of(O.none)).pipe(
      mergeMap(
        O.match(
          () => searching$,
          (metainfo): Observable<Step> => of({ _tag: 'Known', metainfo, peers: magnet.peers }),
        ),
      ),
    )
  }

  const begin = (magnet: Magnet, infohash: Uint8Array, options: AddOptions): Fetch => {
    const id = toHex(infohash)
    const added$ = new ReplaySubject<Either<AddError, Added>>(1)
    const running = new Subscription()
    let isOver = false
    const finish = (answer: () => Either<AddError, Added>): void => {
      if (isOver) return
      isOver = true
      // Before the answer is made: the session is to have the port.
      running.unsubscribe()
      fetches.delete(id)
      changed()
      added$.next(answer())
      added$.complete()
      client.onCount()
    }
    const settle = (metainfo: Metainfo, peers: ReadonlyArray<PeerAddress>): void => {
      const peersOfAll = [...(options.peers ?? []), ...peers]
      const chosen = { ...options, peers: peersOfAll, ...prioritiesOf(metainfo, magnet, options) }
      // By the name that it has now: a link by v2 alone can lead to a hybrid.
      finish(() => E.map((torrent: UsableTorrent) => client.take(torrent, chosen))(withInfohash(metainfo)))
    }
    const keep = (torrent: Uint8Array): void => {
      // Without it the next run fetches the metadata again: no more is lost.
      client.kept?.save(client.directoryOf(options), magnet, torrent).subscribe({
        error: (error: unknown) => {
          client.onDied(id, error)
        },
      })
    }
    const onStep = (step: Step): void => {
      if (step._tag === 'Known') {
        settle(step.metainfo, step.peers)
        return
      }
      const { state } = step
      fetch.state = stateOf(id, magnet, state)
      changed()
      if (state._tag === 'MetadataFailed') finish(() => E.left(state))
      if (state._tag !== 'Fetched') return
      keep(state.torrent)
      settle(state.metainfo, state.peers)
    }
    const onError = (error: unknown): void => {
      client.onDied(id, error)
      finish(() => E.left({ _tag: 'AddCancelled' }))
    }
    const fetch: Fetch = {
      state: stateOf(id, magnet, undefined),
      added$,
      finish,
    }
    fetches.set(id, fetch)
    running.add(search(magnet, options).subscribe({ next: onStep, error: onError }))
    if (options.signal !== undefined) {
      const cancel = (): void => {
        finish(() => E.left({ _tag: 'AddCancelled' }))
      }
      running.add(aborted(options.signal).subscribe({ next: cancel, error: onError }))
    }
    changed()
    client.onCount()
    return fetch
  }

  return {
    size: () => fetches.size,
    states: () => (view ??= new Map(Array.from(fetches, ([id, { state }]) => [id, state]))),
    follow: (magnet, infohash, options) =>
      defer(() => {
        const known = fetches.get(toHex(infohash))
        return known === undefined
          ? begin(magnet, infohash, options).added$
          : known.added$.pipe(map(E.map((added) => ({ ...added, isNew: false }))))
      }),
    settle: (infohash, added) => {
      fetches.get(infohash)?.finish(() => E.right({ ...added(), isNew: false }))
    },
    cancel: (infohash) => {
      const fetch = fetches.get(infohash)
      fetch?.finish(() => E.left({ _tag: 'AddCancelled' }))
      return fetch !== undefined
    },
    cancelAll: (because) => {
      for (const { finish } of [...fetches.values()]) finish(() => E.left(because))
    },
  }
}

const stateOf = (infohash: string, magnet: Magnet, state: MetadataState | undefined): FetchingMagnet => ({
  infohash,
  name: magnet.name,
  size: state?.progress.size ?? O.none,
  haveBytes: state?.progress.haveBytes ?? 0,
  peers: state?.progress.peers.length ?? 0,
  why: state?.progress.why ?? [],
})

/** What the link selects, unless the user has a choice of his own. */
const prioritiesOf = (
  metainfo: Metainfo,
  magnet: Magnet,
  { priorities }: AddOptions,
): Pick<AddOptions, 'priorities'> => {
  if (priorities !== undefined || magnet.select.length === 0) return {}
  const selected = selectFiles(metainfo, (_, index) => wantsFile(magnet, index))
  return selected.some((priority) => priority > 0) ? { priorities: selected } : {}
}
