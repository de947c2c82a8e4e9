import { Observable, type OperatorFunction, Subscription } from 'rxjs'
import type { MetadataEffect } from '../../operators/metadata/effect.js'
import type { MetadataEvent } from '../../operators/metadata/event.js'
import type { MetadataTurn } from '../../operators/metadata/turn.js'
import { announceEvent } from '../announceEvent.js'
import type { SessionDeps } from '../deps.js'
import type { Wires } from '../peer/wires.js'
import { runEach } from '../runEach.js'

/** Runs the effects of each turn, in order and at once, and answers with events; as a session's. */
export const runMetadataEffects =
  (
    deps: Pick<SessionDeps, 'trackers' | 'clock'>,
    { wires, port }: { readonly wires: Wires; readonly port: number },
  ): OperatorFunction<MetadataTurn, MetadataEvent> =>
  (turn$) =>
    new Observable<MetadataEvent>((subscriber) => {
      let listening = Subscription.EMPTY

      const launch = (event$: Observable<MetadataEvent>): Subscription => {
        const running = event$.subscribe({
          next: (event) => {
            subscriber.next(event)
          },
          error: (thrown: unknown) => {
            subscriber.error(thrown)
          },
        })
        subscriber.add(running)
        return running
      }

      const run = (effect: MetadataEffect): void => {
        switch (effect._tag) {
          case 'Listen':
            listening = launch(wires.listen(port))
            return
          case 'StopListening':
            listening.unsubscribe()
            return
          case 'Dial':
            launch(wires.dial(effect.peer, effect.address))
            return
          case 'Close':
            wires.close(effect.peer, effect.reason)
            return
          case 'Send':
            wires.send(effect.peer, effect.messages)
            return
          case 'Announce':
            launch(announceEvent(deps, effect))
            return
        }
      }

      subscriber.add(runEach(turn$, run, subscriber))
    })
