import { EMPTY, filter, map, Observable, observeOn, ReplaySubject, Subject, Subscription } from 'rxjs'
import { v2SwarmHash } from '../codecs/swarmHash.js'
import type { PieceVerification } from '../operators/piece/verification.js'
import type { PeerSource } from '../operators/peer/source.js'
import { createInbox } from '../operators/rx/inbox.js'
import { mergeLive } from '../operators/rx/mergeLive.js'
import { snapshotEvery } from '../operators/rx/snapshotEvery.js'
import type { SessionCommand } from '../operators/session/command.js'
import type { SessionEvent } from '../operators/session/event.js'
import { createModel, type SessionConfig } from '../operators/session/model.js'
import type { Notice } from '../operators/session/notice.js'
import { recordable } from '../operators/session/recordable.js'
import { createSnapshots } from '../operators/session/snapshot.js'
import type { SessionState } from '../operators/session/state.js'
import type { StreamPolicy } from '../operators/steer/policy.js'
import { runStreamPolicies } from '../operators/steer/runStreamPolicies.js'
import { type Turn, turn } from '../operators/session/turn.js'
import type { SessionDeps, Storage } from './deps.js'
import type { SessionDht } from './dht/sessionDht.js'
import { lendStorage } from './disk/lendStorage.js'
import { runEffects } from './effects.js'
import { createWires } from './peer/wires.js'
import { peerSourceCommands } from './peerSources.js'
import { ownPulse } from './pulse.js'
import { layoutOf } from './storageLayout.js'

/** What a running session tells. */
export type SessionOutput =
  | { readonly _tag: 'Config'; readonly config: SessionConfig }
  | { readonly _tag: 'State'; readonly state: SessionState }
  | { readonly _tag: 'Notice'; readonly notice: Notice }
  | { readonly _tag: 'Event'; readonly event: SessionEvent }
  /** The storage has been opened, or closed: for who reads beside the session. */
  | { readonly _tag: 'Storage'; readonly storage: Storage | undefined }

export interface SessionLoopOptions {
  readonly config: SessionConfig
  readonly infohash: Uint8Array
  readonly verification: PieceVerification
  readonly port: number
  readonly command$: Observable<SessionCommand>
  /** What options that are streams come to. */
  readonly option$: Observable<SessionEvent>
  readonly streamPolicies: ReadonlyArray<StreamPolicy>
  readonly sources: ReadonlyArray<PeerSource>
  /** Our DHT node, where the torrent may have one. */
  readonly dht?: SessionDht | undefined
  /** Whether events are to be told too. */
  readonly isRecorded: () => boolean
}

/**
 * One run of a session: events in, through the fold, effects out, and their results back in.
 *
 * ```
 * peers, trackers, disk ─┐
 * ticks, commands ───────┼─► inbox ─────────► turn ─┬─► runEffects ────────────────┐
 * feedback ◄─────────────┘                          ├─► notices ──┐                │
 *    ▲                                              └─► snapshots ┴► streamPolicies┤
 *    └─────────────────────────────────────────────────────────────────────────────┘
 * ```
 *
 * Cold; completes after the turn that stops the session; unsubscribing releases everything.
 */
export const sessionLoop = (deps: SessionDeps, options: SessionLoopOptions): Observable<SessionOutput> =>
  new Observable<SessionOutput>((subscriber) => {
    const { clock } = deps
    const { config } = options
    subscriber.next({ _tag: 'Config', config })
    const startedAt = clock.now()
    const model = createModel(config, startedAt)
    const turn$ = new Subject<Turn>()
    const ticked$ = new Subject<void>()
    const { fast$, slow$ } = deps.pulse ?? ownPulse(clock)
    let beat$: Observable<unknown> = EMPTY
    let beating = Subscription.EMPTY
    const latestState$ = new ReplaySubject<SessionState>(1)
    const notice$ = new Subject<Notice>()
    const onError = (thrown: unknown): void => {
      subscriber.error(thrown)
    }

    const tick = (): void => {
      inbox.put({ _tag: 'Tick', at: clock.now() })
    }
    const beatBy = (next$: Observable<unknown>): void => {
      if (next$ === beat$ || subscriber.closed) return
      beat$ = next$
      beating.unsubscribe()
      beating = next$.subscribe({ next: tick, error: onError })
    }
    subscriber.add(() => {
      beating.unsubscribe()
    })

    const openStorage = lendStorage(deps.openStorage, (storage) => {
      subscriber.next({ _tag: 'Storage', storage })
    })

    // Subscribed before anything that looks on: effects first, then what the user sees of them.
    const effect$ = turn$.pipe(
      runEffects(
        { ...deps, openStorage },
        {
          wires: createWires(deps, {
            infohash: options.infohash,
            v2Infohash: v2SwarmHash(config.metainfo),
            peerId: config.peerId,
            pieceCount: model.geometry.pieceCount,
            hasDht: options.dht !== undefined,
          }),
          metainfo: config.metainfo,
          layout: layoutOf(config.metainfo),
          verification: options.verification,
          port: options.port,
          dht: options.dht,
        },
      ),
    )
    subscriber.add(
      effect$.subscribe({
        next: (event) => {
          inbox.put(event)
        },
        error: onError,
      }),
    )

    const takeSnapshot = createSnapshots()
    const state$ = turn$.pipe(
      filter(({ isNews }) => isNews),
      snapshotEvery(
        ticked$,
        () => takeSnapshot(model),
        ({ isUrgent }) => isUrgent,
      ),
    )
    subscriber.add(
      state$.subscribe({
        next: (state) => {
          subscriber.next({ _tag: 'State', state })
          latestState$.next(state)
        },
        error: onError,
      }),
    )

    const toEvent = (command: SessionCommand): SessionEvent => ({ _tag: 'Command', at: clock.now(), command })
    const commanded$ = options.command$.pipe(map(toEvent))
    const looking = (): Observable<SessionEvent> =>
      peerSourceCommands(options.sources, {
        infohash: options.infohash,
        isPrivate: config.metainfo.isPrivate,
        state$: latestState$,
        clock,
      }).pipe(map(toEvent))
    const steering = (): Observable<SessionEvent> =>
      runStreamPolicies(options.streamPolicies, {
        state$: latestState$.asObservable(),
        notice$: notice$.asObservable(),
        clock,
      }).pipe(
        // Later than what it answers to: whoever subscribes to the session in one go hears of a policy that fails at once.
        observeOn(clock),
        map((steered) =>
          toEvent(
            steered._tag === 'Command'
              ? steered.command
              : { _tag: 'ReportFailure', policy: 'stream', message: steered.message },
          ),
        ),
      )
    const told$ = mergeLive(
      commanded$,
      options.option$,
      options.streamPolicies.length === 0 ? EMPTY : steering(),
      options.sources.length === 0 ? EMPTY : looking(),
    )
    /**
     * What is wanted from the start is known before anything that the start leads to, and no stream policy misses what
     * comes of it.
     */
    const listenToUser = (): void => {
      subscriber.add(
        told$.subscribe({
          next: inbox.put,
          error: onError,
        }),
      )
    }

    const take = (event: SessionEvent): void => {
      let done: Turn
      try {
        if (options.isRecorded()) subscriber.next({ _tag: 'Event', event: recordable(event) })
        if (event._tag === 'Started') listenToUser()
        done = turn(model, event)
      } catch (thrown) {
        // An invariant is broken: this session ends, with an error that says so, and no other.
        onError(thrown)
        return
      }
      turn$.next(done)
      for (const notice of done.notices) {
        subscriber.next({ _tag: 'Notice', notice })
        notice$.next(notice)
      }
      if (event._tag === 'Tick') ticked$.next()
      // Whatever happens wakes it up: the next tick comes in time.
      beatBy(event._tag === 'Tick' && done.isIdle ? slow$ : fast$)
      if (!done.isLast) return
      turn$.complete()
      latestState$.complete()
      notice$.complete()
      subscriber.complete()
    }
    // No Subject and no `fifo`: it is once for each event, and every stage of a stream is three calls.
    const inbox = createInbox(take, () => subscriber.closed)
    inbox.put({ _tag: 'Started', at: startedAt })
  })
