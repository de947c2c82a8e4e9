import { filter, interval, map, merge, Observable, of, Subject } from 'rxjs'
import { sha1Verification } from '../operators/piece/verification.js'
import { fifo } from '../operators/rx/fifo.js'
import { snapshotEvery } from '../operators/rx/snapshotEvery.js'
import type { SessionCommand } from '../operators/session/command.js'
import type { SessionEvent } from '../operators/session/event.js'
import { createModel, type SessionConfig } from '../operators/session/model.js'
import type { Notice } from '../operators/session/notice.js'
import { recordable } from '../operators/session/recordable.js'
import { createSnapshots } from '../operators/session/snapshot.js'
import type { SessionState } from '../operators/session/state.js'
import { type Turn, turn } from '../operators/session/turn.js'
import type { SessionDeps } from './deps.js'
import { runEffects } from './effects.js'
import { createWires } from './peer/wires.js'
import { layoutOf } from './storageLayout.js'

/** The one timer of a session: time-outs, `have`s, rates and snapshots go by it. */
const TICK_MS = 250

/** What a running session tells. */
export type SessionOutput =
  | { readonly _tag: 'Config'; readonly config: SessionConfig }
  | { readonly _tag: 'State'; readonly state: SessionState }
  | { readonly _tag: 'Notice'; readonly notice: Notice }
  | { readonly _tag: 'Event'; readonly event: SessionEvent }

export interface SessionLoopOptions {
  readonly config: SessionConfig
  readonly infohash: Uint8Array
  readonly port: number
  readonly command$: Observable<SessionCommand>
  /** What options that may change have to say after the start. */
  readonly option$: Observable<SessionCommand>
  /** Whether events are to be told too. */
  readonly isRecorded: () => boolean
}

/**
 * One run of a session: events in, through the fold, effects out, and their results back in.
 *
 * ```
 * peers, trackers, disk ─┐
 * ticks, commands ───────┼─► merge ─► fifo ─► turn ─┬─► runEffects ─┐
 * feedback ◄─────────────┘                          ├─► notices     │
 *    ▲                                              └─► snapshots   │
 *    └──────────────────────────────────────────────────────────────┘
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
    const feedback$ = new Subject<SessionEvent>()
    const onError = (thrown: unknown): void => {
      subscriber.error(thrown)
    }

    // Subscribed before anything that looks on: effects first, then what the user sees of them.
    const effect$ = turn$.pipe(
      runEffects(deps, {
        wires: createWires(deps, {
          infohash: options.infohash,
          peerId: config.peerId,
          pieceCount: model.geometry.pieceCount,
        }),
        geometry: model.geometry,
        layout: layoutOf(config.metainfo),
        verification: sha1Verification(config.metainfo.pieces),
        port: options.port,
      }),
    )
    subscriber.add(
      effect$.subscribe({
        next: (event) => {
          feedback$.next(event)
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
        },
        error: onError,
      }),
    )

    const toEvent = map((command: SessionCommand): SessionEvent => ({
      _tag: 'Command',
      at: clock.now(),
      command,
    }))
    const event$ = merge(
      feedback$,
      options.command$.pipe(toEvent),
      interval(TICK_MS, clock).pipe(map((): SessionEvent => ({ _tag: 'Tick', at: clock.now() }))),
      of<SessionEvent>({ _tag: 'Started', at: startedAt }),
      options.option$.pipe(toEvent),
    ).pipe(fifo())
    subscriber.add(
      event$.subscribe({
        next: (event) => {
          if (options.isRecorded()) subscriber.next({ _tag: 'Event', event: recordable(event) })
          let done: Turn
          try {
            done = turn(model, event)
          } catch (thrown) {
            // An invariant is broken: this session ends, with an error that says so, and no other.
            onError(thrown)
            return
          }
          turn$.next(done)
          for (const notice of done.notices) subscriber.next({ _tag: 'Notice', notice })
          if (event._tag === 'Tick') ticked$.next()
          if (!done.isLast) return
          turn$.complete()
          subscriber.complete()
        },
        error: onError,
      }),
    )
  })
