import { filter, Observable, ReplaySubject, Subject } from 'rxjs'
import { MAX_PIECES } from '../../codecs/limits.js'
import { swarmNames, v2SwarmHash } from '../../codecs/swarmHash.js'
import type { MetadataEvent } from '../../operators/metadata/event.js'
import { createMetadataModel, type MetadataConfig } from '../../operators/metadata/model.js'
import { metadataState } from '../../operators/metadata/snapshot.js'
import type { MetadataState } from '../../operators/metadata/state.js'
import { type MetadataTurn, metadataTurn } from '../../operators/metadata/turn.js'
import type { PeerSource } from '../../operators/peer/source.js'
import { fifo } from '../../operators/rx/fifo.js'
import { snapshotEvery } from '../../operators/rx/snapshotEvery.js'
import { recordableBatch } from '../../operators/session/recordable.js'
import type { SessionDeps } from '../deps.js'
import type { EncryptionPolicy } from '../encryption/policy.js'
import { withEncryption } from '../encryption/withEncryption.js'
import { createWires } from '../peer/wires.js'
import { ownPulse } from '../pulse.js'
import { runMetadataEffects } from './metadataEffects.js'
import { metadataSourceEvents } from './metadataSources.js'

/** The part of a world that a search for metadata takes. */
export type MetadataDeps = Pick<
  SessionDeps,
  'network' | 'clock' | 'trackers' | 'random' | 'pulse' | 'keyExchange'
>

export type MetadataOutput =
  | { readonly _tag: 'State'; readonly state: MetadataState }
  | { readonly _tag: 'Event'; readonly event: MetadataEvent }

export interface MetadataLoopOptions {
  readonly config: MetadataConfig
  readonly port: number
  readonly sources: ReadonlyArray<PeerSource>
  readonly encryption: EncryptionPolicy
  /** Whether events are to be told too. */
  readonly isRecorded: boolean
}

/**
 * One search: events in, through the fold, effects out, and their results back in, as in `sessionLoop`. Cold; completes
 * after the state that is no `Fetching`; unsubscribing releases everything.
 */
export const metadataLoop = (
  deps: MetadataDeps,
  { config, port, sources, encryption, isRecorded }: MetadataLoopOptions,
): Observable<MetadataOutput> =>
  new Observable<MetadataOutput>((subscriber) => {
    const { clock } = deps
    const startedAt = clock.now()
    const model = createMetadataModel(config, startedAt)
    const turn$ = new Subject<MetadataTurn>()
    const ticked$ = new Subject<void>()
    const feedback$ = new Subject<MetadataEvent>()
    const latest$ = new ReplaySubject<MetadataState>(1)
    const onError = (thrown: unknown): void => {
      subscriber.error(thrown)
    }
    const feed = {
      next: (event: MetadataEvent) => {
        feedback$.next(event)
      },
      error: onError,
    }

    const network = withEncryption(deps, { names: swarmNames(config.magnet), policy: encryption })
    const wires = createWires(
      { network, clock },
      {
        infohash: model.infohash,
        v2Infohash: v2SwarmHash(config.magnet),
        peerId: config.peerId,
        // Not known yet: as many as any torrent may have.
        pieceCount: MAX_PIECES,
      },
    )
    // Subscribed before anything that looks on: effects first, then what the user sees of them.
    subscriber.add(turn$.pipe(runMetadataEffects(deps, { wires, port })).subscribe(feed))
    subscriber.add(
      turn$
        .pipe(
          filter(({ isNews }) => isNews),
          snapshotEvery(
            ticked$,
            () => metadataState(model),
            ({ isUrgent }) => isUrgent,
          ),
        )
        .subscribe({
          next: (state) => {
            subscriber.next({ _tag: 'State', state })
            latest$.next(state)
          },
          error: onError,
        }),
    )

    const listenToSources = (): void => {
      const looking$ = metadataSourceEvents(sources, { infohash: model.infohash, state$: latest$, clock })
      subscriber.add(looking$.subscribe(feed))
    }

    subscriber.add(
      feedback$.pipe(fifo()).subscribe({
        next: (event) => {
          if (isRecorded) {
            subscriber.next({
              _tag: 'Event',
              event: event._tag === 'PeerBatch' ? recordableBatch(event) : event,
            })
          }
          let done: MetadataTurn
          try {
            done = metadataTurn(model, event)
          } catch (thrown) {
            onError(thrown)
            return
          }
          turn$.next(done)
          if (event._tag === 'Tick') ticked$.next()
          if (event._tag === 'Started') listenToSources()
          if (!done.isLast) return
          latest$.complete()
          subscriber.complete()
        },
        error: onError,
      }),
    )
    feedback$.next({ _tag: 'Started', at: startedAt })
    if (subscriber.closed) return
    const { fast$ } = deps.pulse ?? ownPulse(clock)
    subscriber.add(
      fast$.subscribe({
        next: () => {
          feedback$.next({ _tag: 'Tick', at: clock.now() })
        },
        error: onError,
      }),
    )
  })
