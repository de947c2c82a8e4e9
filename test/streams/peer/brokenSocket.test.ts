import { NEVER, of, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { PeerEvent } from '../../../src/operators/session/event.js'
import type { Network, PeerSocket } from '../../../src/streams/deps.js'
import { createWires } from '../../../src/streams/peer/wires.js'
import { createVirtualClock } from '../../../src/streams/virtual/clock.js'
import { rethrow } from '../../support/rethrow.js'
import { idleSocket } from '../../support/idleSocket.js'

const bug = (): never => {
  throw new Error('boom')
}

const connectTo = (broken: Partial<PeerSocket>): Network['connect'] => {
  const answer = E.right({ ...idleSocket('192.0.2.1'), ...broken })
  return () => of(answer)
}

describe('a dial', () => {
  it.each<[string, Network['connect']]>([
    ['cannot be begun', bug],
    ['fails', () => throwError(() => new Error('boom'))],
    ['gives a socket that cannot be written to', connectTo({ write: bug })],
    ['gives a socket that cannot be read', connectTo({ chunk$: throwError(() => new Error('boom')) })],
  ])('that %s unexpectedly is one peer that is closed', (_, connect) => {
    const clock = createVirtualClock()
    const wires = createWires(
      { network: { connect, listen: () => NEVER }, clock },
      { infohash: new Uint8Array(20), peerId: new Uint8Array(20), pieceCount: 1 },
    )
    const events: PeerEvent[] = []
    wires
      .dial(0, idleSocket('192.0.2.1').remote)
      .subscribe({ next: (event) => events.push(event), error: rethrow })
    expect(events).toMatchObject([
      { _tag: 'PeerClosed', peer: 0, reason: { _tag: 'SocketFailed', code: 'EUNEXPECTED' } },
    ])
    expect(clock.pending()).toBe(0)
  })
})
