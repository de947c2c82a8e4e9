import { filter, interval, map, merge, mergeMap, Observable, Subject } from 'rxjs'
import { type DhtTable, encodeDhtTable } from '../../codecs/dhtTable.js'
import { isGlobalUnicast } from '../../codecs/ipAddress.js'
import type { DhtCommand } from '../../operators/dht/command.js'
import type { DhtEvent } from '../../operators/dht/event.js'
import { savedTable } from '../../operators/dht/homes.js'
import { DHT_LIMITS } from '../../operators/dht/limits.js'
import { createDhtModel, type DhtConfig } from '../../operators/dht/model.js'
import type { DhtNotice, DhtReport } from '../../operators/dht/notice.js'
import { takeDhtSnapshot } from '../../operators/dht/snapshot.js'
import type { DhtState } from '../../operators/dht/state.js'
import { type DhtTurn, dhtTurn } from '../../operators/dht/turn.js'
import { fifo } from '../../operators/rx/fifo.js'
import { snapshotEvery } from '../../operators/rx/snapshotEvery.js'
import type { PeerAddress } from '../deps.js'
import type { DhtDeps, DhtStore } from './dhtDeps.js'
import { runDhtEffects } from './dhtEffects.js'
import type { DhtBinding } from './openPort.js'
import { resolveNodes } from './resolveNodes.js'

/** What a running node tells. */
export type DhtOutput =
  | { readonly _tag: 'Config'; readonly config: DhtConfig }
  | { readonly _tag: 'State'; readonly state: DhtState }
  | { readonly _tag: 'Notice'; readonly notice: DhtNotice }
  | { readonly _tag: 'Report'; readonly report: DhtReport }
  | { readonly _tag: 'Event'; readonly event: DhtEvent }

export interface DhtLoopOptions {
  readonly config: DhtConfig
  readonly bindings: ReadonlyArray<DhtBinding>
  /** Names or addresses. */
  readonly bootstrap: ReadonlyArray<PeerAddress>
  readonly command$: Observable<DhtCommand>
  /** Nodes that somebody names; names among them are looked up. */
  readonly named$: Observable<ReadonlyArray<PeerAddress>>
  /** Whether events are to be told too. */
  readonly isRecorded: () => boolean
}

/** Names looked up at once, for each who gives some. */
const LOOK_UPS = 4

/**
 * One run of a DHT node: events in, through the fold, effects out, and their results back in; `sessionLoop` in small.
 * Cold; unsubscribing closes the ports.
 */
export const dhtLoop = (deps: DhtDeps, options: DhtLoopOptions): Observable<DhtOutput> =>
  new Observable<DhtOutput>((subscriber) => {
    const { clock } = deps
    const startedAt = clock.now()
    subscriber.next({ _tag: 'Config', config: options.config })
    const model = createDhtModel(options.config, startedAt)
    const turn$ = new Subject<DhtTurn>()
    const ticked$ = new Subject<void>()
    const feedback$ = new Subject<DhtEvent>()
    const onError = (thrown: unknown): void => {
      subscriber.error(thrown)
    }
    const feed = (event$: Observable<DhtEvent>): void => {
      subscriber.add(
        event$.subscribe({
          next: (event) => {
            feedback$.next(event)
          },
          error: onError,
        }),
      )
    }

    // Effects first, then what the user sees of them.
    feed(turn$.pipe(runDhtEffects(deps, options)))
    subscriber.add(
      turn$
        .pipe(
          filter(({ isNews }) => isNews),
          snapshotEvery(
            ticked$,
            () => takeDhtSnapshot(model),
            ({ isUrgent }) => isUrgent,
          ),
        )
        .subscribe({
          next: (state) => {
            subscriber.next({ _tag: 'State', state })
          },
          error: onError,
        }),
    )
    const beginToListen = (): void => {
      const named$ = options.named$.pipe(
        mergeMap((nodes) => resolveNodes(nodes, onInternet(deps.lookUp)), LOOK_UPS),
        map((addresses): DhtCommand => ({ _tag: 'AddNodes', addresses })),
      )
      feed(
        merge(options.command$, named$).pipe(
          map((command): DhtEvent => ({ _tag: 'Command', at: clock.now(), command })),
        ),
      )
      feed(interval(DHT_LIMITS.tickMs, clock).pipe(map((): DhtEvent => ({ _tag: 'Tick', at: clock.now() }))))
    }
    subscriber.add(
      feedback$.pipe(fifo()).subscribe({
        next: (event) => {
          if (options.isRecorded()) subscriber.next({ _tag: 'Event', event })
          if (event._tag === 'Started') beginToListen()
          let done: DhtTurn
          try {
            done = dhtTurn(model, event)
          } catch (thrown) {
            onError(thrown)
            return
          }
          turn$.next(done)
          for (const notice of done.notices) subscriber.next({ _tag: 'Notice', notice })
          for (const report of done.reports) subscriber.next({ _tag: 'Report', report })
          if (event._tag === 'Tick') ticked$.next()
        },
        error: onError,
      }),
    )
    feedback$.next({ _tag: 'Started', at: startedAt })
    // What is known is kept at the end too, whoever listens.
    subscriber.add(() => {
      if (model.homes.some(({ isBootstrapped }) => isBootstrapped)) keep(deps.store, savedTable(model))
    })
  })

/** Who names a node is not to learn or to knock at what is in our own network. */
const onInternet = (lookUp: DhtDeps['lookUp']): DhtDeps['lookUp'] =>
  lookUp === undefined
    ? undefined
    : (host) => lookUp(host).pipe(map((found) => found.filter(isGlobalUnicast)))

const keep = (store: DhtStore | undefined, table: DhtTable): void => {
  store?.save(encodeDhtTable(table)).subscribe({
    error: () => undefined,
  })
}
