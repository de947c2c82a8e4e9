import { defer, map, type Observable, of } from 'rxjs'
import * as E from '#fp/Either'
import { leavesIn } from '../codecs/hashTree.js'
import type { WireMessage } from '../codecs/wire/message.js'
import { writeMessages } from '../codecs/wire/write.js'
import { failAsEvent } from '../operators/rx/failAsEvent.js'
import type { SessionEffect } from '../operators/session/effect.js'
import type { SessionEvent } from '../operators/session/event.js'
import type { Clock, Storage, StorageLayout } from './deps.js'
import type { Wires } from './peer/wires.js'

type HashEffect = SessionEffect & { readonly _tag: 'ServeHashes' | 'ServeLeaves' }

/** Sends hashes (BEP 52): those at hand, or those of a piece that is read for it; what cannot be read is rejected. */
export const serveHashes = (
  effect: HashEffect,
  world: {
    readonly wires: Pick<Wires, 'write'>
    readonly layout: StorageLayout
    readonly storage: Storage | undefined
    readonly clock: Clock
  },
): Observable<SessionEvent> => {
  const { wires, layout, storage, clock } = world
  const { peer } = effect
  const send = (message: WireMessage): SessionEvent => {
    const bytes = writeMessages([message])
    const wireBytes = bytes.length
    const isFull = wires.write(peer, bytes) ?? false
    return { _tag: 'HashesServed', at: clock.now(), peer, wireBytes, isFull }
  }
  if (effect._tag === 'ServeHashes') return defer(() => of(send(effect.message)))

  const { range, leaves } = effect
  const reject = (): SessionEvent => send({ _tag: 'HashReject', ...range })
  if (storage === undefined) return defer(() => of(reject()))
  return storage.read(leaves.piece * layout.pieceLength, leaves.length).pipe(
    map(
      E.match(reject, (bytes) => {
        const hashes = leavesIn(bytes, leaves.place, leaves.above, range)
        return hashes === undefined ? reject() : send({ _tag: 'Hashes', ...range, hashes })
      }),
    ),
    failAsEvent(reject),
  )
}
