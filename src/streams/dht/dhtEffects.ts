import { map, Observable, type OperatorFunction } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import { decodeDhtTable, encodeDhtTable } from '../../codecs/dhtTable.js'
import { showDecodeError } from '../../codecs/errors.js'
import type { DhtEffect } from '../../operators/dht/effect.js'
import type { DhtEvent } from '../../operators/dht/event.js'
import type { DhtTurn } from '../../operators/dht/turn.js'
import { failAsEvent } from '../../operators/rx/failAsEvent.js'
import type { DatagramSocket, PeerAddress } from '../deps.js'
import type { DhtDeps, DhtStore } from './dhtDeps.js'
import { type DhtBinding, openPort } from './openPort.js'
import { resolveNodes } from './resolveNodes.js'

export interface DhtEffectsOptions {
  readonly bindings: ReadonlyArray<DhtBinding>
  /** Names or addresses. */
  readonly bootstrap: ReadonlyArray<PeerAddress>
}

/** Runs the effects of each turn of a DHT node, in order and at once; unsubscribing closes the ports. */
export const runDhtEffects =
  (deps: DhtDeps, { bindings, bootstrap }: DhtEffectsOptions): OperatorFunction<DhtTurn, DhtEvent> =>
  (turn$) =>
    new Observable<DhtEvent>((subscriber) => {
      const { clock, store } = deps
      const sockets = new Map<number, DatagramSocket>()
      const onError = (thrown: unknown): void => {
        subscriber.error(thrown)
      }
      const launch = (event$: Observable<DhtEvent>): void => {
        subscriber.add(
          event$.subscribe({
            next: (event) => {
              subscriber.next(event)
            },
            error: onError,
          }),
        )
      }
      const resolve = (): Observable<DhtEvent> =>
        resolveNodes(bootstrap, deps.lookUp).pipe(
          map((addresses) => ({ _tag: 'Resolved', at: clock.now(), addresses })),
        )

      const load = (from: DhtStore): Observable<DhtEvent> =>
        from.load().pipe(
          failAsEvent(() => E.left('EUNEXPECTED')),
          map((loaded): DhtEvent => {
            const none = (problem: O.Option<string>): DhtEvent => ({
              _tag: 'TableLoaded',
              at: clock.now(),
              table: O.none,
              problem,
            })
            if (E.isLeft(loaded)) return none(O.some(loaded.left))
            if (O.isNone(loaded.right)) return none(O.none)
            const table = decodeDhtTable(loaded.right.value)
            if (E.isLeft(table)) return none(O.some(showDecodeError(table.left)))
            return { _tag: 'TableLoaded', at: clock.now(), table: O.some(table.right), problem: O.none }
          }),
        )

      const run = (effect: DhtEffect): void => {
        switch (effect._tag) {
          case 'Send':
            sockets.get(effect.home)?.send(effect.bytes, effect.to)
            return
          case 'Bind': {
            const binding = bindings[effect.home]
            if (binding !== undefined) launch(openPort(deps, effect.home, binding, sockets))
            return
          }
          case 'Resolve':
            launch(resolve())
            return
          case 'LoadTable':
            if (store !== undefined) launch(load(store))
            return
          case 'SaveTable':
            if (store === undefined) return
            launch(
              store.save(encodeDhtTable(effect.table)).pipe(
                failAsEvent((): Either<string, void> => E.left('EUNEXPECTED')),
                map(
                  E.match(
                    (code): DhtEvent => ({ _tag: 'TableSaveFailed', at: clock.now(), code }),
                    (): DhtEvent => ({ _tag: 'TableSaved', at: clock.now() }),
                  ),
                ),
              ),
            )
        }
      }

      subscriber.add(
        turn$.subscribe({
          next: ({ effects }) => {
            for (const effect of effects) run(effect)
          },
          error: onError,
        }),
      )
    })
