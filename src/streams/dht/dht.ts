import {
  defer,
  distinctUntilChanged,
  filter,
  finalize,
  map,
  merge,
  mergeMap,
  Observable,
  of,
  share,
  Subject,
  tap,
} from 'rxjs'
import * as O from '#fp/Option'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { DhtCommand, DhtGoal } from '../../operators/dht/command.js'
import type { DhtEvent } from '../../operators/dht/event.js'
import type { DhtConfig } from '../../operators/dht/model.js'
import type { DhtNotice, DhtReport } from '../../operators/dht/notice.js'
import type { DhtState } from '../../operators/dht/state.js'
import { fifo } from '../../operators/rx/fifo.js'
import type { PrngState } from '../../operators/random.js'
import type { DhtDeps } from './dhtDeps.js'
import { dhtLoop } from './dhtLoop.js'
import { DEFAULT_DHT_ADDRESSES, type DhtOptions, refuseDhtMisuse } from './dhtOptions.js'
import { type DhtSearches, dhtSearches } from './dhtSearches.js'

/**
 * A node of the DHT (BEP 5): an actor in the shape of a session, usable on its own.
 *
 * Cold: the first subscription to any of its streams, searches too, opens its ports and joins the network; the end of
 * the last one closes them at once and keeps the routing table, where there is a store. A search that is asked for
 * alone therefore begins with a bootstrap: stay subscribed to `state$` for as long as the node is to be part of it.
 *
 * An `error` on any stream is a bug; all that is to be expected is a state, a notice, or the end of a search without a
 * value.
 */
export interface Dht extends DhtSearches {
  /** The latest at once, then every half second if something changed. */
  readonly state$: Observable<DhtState>
  /** The UDP port of the first address of ours that is open; the latest at once. */
  readonly port$: Observable<number>
  /** Each thing worth telling, when it happens. No replay. */
  readonly alert$: Observable<DhtNotice>
  /** All that the fold sees: with `config$`, a recording for `replayDht`. No replay by itself. */
  readonly event$: Observable<DhtEvent>
  /** What the present run was started with, once it runs. */
  readonly config$: Observable<DhtConfig>
  /**
   * Somebody says that nodes are there: they are pinged, and known once they answer. Without effect while nobody is
   * subscribed.
   */
  readonly addNodes: (addresses: ReadonlyArray<PeerAddress>) => void
}

/**
 * A DHT node over the given world. Options that make no sense throw a `TypeError` here; from here on nothing throws.
 *
 * @example
 * ```ts
 * const dht = createDht({ datagrams, clock, random }, { bootstrap: [{ host: '192.0.2.1', port: 6881 }] })
 * dht.lookup(infohash).subscribe(({ host, port }) => console.log(host, port))
 * ```
 */
export const createDht = (deps: DhtDeps, options: DhtOptions = {}): Dht => {
  refuseDhtMisuse(options)
  const { addresses: bindings = DEFAULT_DHT_ADDRESSES, bootstrap = [] } = options
  const command$ = new Subject<DhtCommand>()
  const named$ = new Subject<ReadonlyArray<PeerAddress>>()
  let latest: DhtState | undefined
  let config: DhtConfig | undefined
  let recorders = 0
  let nextId = 0

  const configure = (): DhtConfig => ({
    seed: seedOf(deps.random.bytes(16)),
    secret: deps.random.bytes(20),
    families: bindings.map(({ family }) => family),
    isReadOnly: options.readOnly ?? false,
    hasStore: deps.store !== undefined,
    hasBootstrap: bootstrap.length > 0,
  })
  const output$ = defer(() =>
    dhtLoop(deps, {
      config: configure(),
      bindings,
      bootstrap,
      command$,
      named$,
      isRecorded: () => recorders > 0,
    }),
  ).pipe(
    tap({
      next: (output) => {
        if (output._tag === 'State') latest = output.state
        else if (output._tag === 'Config') config = output.config
      },
      finalize: () => {
        latest = undefined
        config = undefined
      },
    }),
    share(),
  )
  const state$ = defer(() => {
    const live$ = output$.pipe(
      filter((output) => output._tag === 'State'),
      map(({ state }) => state),
    )
    return latest === undefined ? live$ : merge(live$, of(latest)).pipe(fifo())
  })

  /** Begins a search with its subscription and gives it up with its end. */
  const search = (goal: DhtGoal): Observable<DhtReport> =>
    new Observable((subscriber) => {
      const id = nextId++
      subscriber.add(() => {
        command$.next({ _tag: 'Cancel', id })
      })
      subscriber.add(
        output$.subscribe({
          next: (output) => {
            if (output._tag !== 'Report' || output.report.id !== id) return
            subscriber.next(output.report)
            if (output.report._tag === 'TaskDone') subscriber.complete()
          },
          error: (thrown: unknown) => {
            subscriber.error(thrown)
          },
          complete: () => {
            subscriber.complete()
          },
        }),
      )
      if (!subscriber.closed) command$.next({ _tag: 'Begin', id, goal })
    })

  return {
    state$,
    port$: state$.pipe(
      mergeMap(({ homes }) =>
        homes.flatMap(({ local }) => (O.isSome(local) ? [local.value.port] : [])).slice(0, 1),
      ),
      distinctUntilChanged(),
    ),
    alert$: output$.pipe(
      filter((output) => output._tag === 'Notice'),
      map(({ notice }) => notice),
    ),
    event$: defer(() => {
      recorders++
      return output$.pipe(
        filter((output) => output._tag === 'Event'),
        map(({ event }) => event),
        finalize(() => {
          recorders--
        }),
      )
    }),
    config$: defer(() => {
      const live$ = output$.pipe(
        filter((output) => output._tag === 'Config'),
        map((output) => output.config),
      )
      return config === undefined ? live$ : merge(live$, of(config)).pipe(fifo())
    }),
    addNodes: (addresses) => {
      named$.next(addresses)
    },
    ...dhtSearches(search, output$, deps.clock),
  }
}

const seedOf = (bytes: Uint8Array): PrngState => {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return [view.getInt32(0), view.getInt32(4), view.getInt32(8), view.getInt32(12)]
}
