import { defer, NEVER, of, Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { encodeHandshake, encodeReserved } from '../../../src/codecs/handshake.js'
import type { PeerEvent } from '../../../src/operators/session/event.js'
import type { PeerSocket, SocketError } from '../../../src/streams/deps.js'
import { createWires } from '../../../src/streams/peer/wires.js'
import { createVirtualClock } from '../../../src/streams/virtual/clock.js'
import { idleSocket } from '../../support/idleSocket.js'
import { rethrow } from '../../support/rethrow.js'

const infohash = new Uint8Array(20).fill(7)
const handshake = encodeHandshake({
  infohash,
  peerId: new Uint8Array(20).fill(1),
  reserved: encodeReserved({ fast: true, extended: true, dht: false, v2: false }),
})

/** A socket that notes under that name what is asked of it. */
const noting = (name: string, calls: string[]): PeerSocket => ({
  ...idleSocket('192.0.2.1'),
  write: () => {
    calls.push(`${name} write`)
    return false
  },
  drain$: defer(() => {
    calls.push(`${name} drain$`)
    return NEVER
  }),
  destroy: () => calls.push(`${name} destroy`),
})

describe('a socket that stands for another', () => {
  it('is let go once the peer has shaken hands', () => {
    const calls: string[] = []
    const chunk$ = new Subject<Either<SocketError, Uint8Array>>()
    const settled = { ...noting('settled', calls), isEncrypted: () => true }
    const socket = { ...noting('first', calls), chunk$, settled: () => settled }
    const wires = createWires(
      { network: { connect: () => of(E.right(socket)), listen: () => NEVER }, clock: createVirtualClock() },
      { infohash, peerId: new Uint8Array(20), pieceCount: 1 },
    )
    const events: PeerEvent[] = []
    const running = wires
      .dial(0, socket.remote)
      .subscribe({ next: (event) => events.push(event), error: rethrow })
    calls.splice(0)
    chunk$.next(E.right(handshake.subarray(0, 20)))
    wires.send(0, [{ _tag: 'KeepAlive' }])
    expect(calls).toEqual([])
    chunk$.next(E.right(handshake.subarray(20)))
    expect(events).toMatchObject([{ _tag: 'PeerConnected', isEncrypted: true }])
    wires.send(0, [{ _tag: 'KeepAlive' }])
    running.unsubscribe()
    expect(calls).toEqual(['settled write', 'settled drain$', 'settled destroy'])
  })
})
