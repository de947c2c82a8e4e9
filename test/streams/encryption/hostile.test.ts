import { EMPTY, finalize, mergeMap, Subscription, tap } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { KEY_LENGTH } from '../../../src/codecs/encryption/keyPair.js'
import { encodeHandshake } from '../../../src/codecs/handshake.js'
import type { NetworkEvent, PeerEvent } from '../../../src/operators/session/event.js'
import type { Network, PeerSocket } from '../../../src/streams/deps.js'
import type { EncryptionPolicy } from '../../../src/streams/encryption/policy.js'
import { withEncryption } from '../../../src/streams/encryption/withEncryption.js'
import { createWires } from '../../../src/streams/peer/wires.js'
import { createVirtualClock, type VirtualClock } from '../../../src/streams/virtual/clock.js'
import { createVirtualNetwork } from '../../../src/streams/virtual/network.js'
import { keyOf, keyPairOf } from '../../support/keyPairOf.js'
import { rethrow } from '../../support/rethrow.js'

const infohash = new Uint8Array(20).fill(3)
const hello = encodeHandshake({ infohash, peerId: new Uint8Array(20).fill(9), reserved: new Uint8Array(8) })
const keyExchange = {
  newKeyPair: () => keyPairOf('d0460a0b00564380e0f645f7739c718d5b410cac'),
  random: { bytes: (count: number) => new Uint8Array(count).fill(1) },
}

/** What a stranger sees of us. */
interface Stranger {
  readonly says: (bytes: Uint8Array) => void
  readonly heard: () => ReadonlyArray<number>
  readonly isClosed: () => boolean
}

interface Lab {
  readonly clock: VirtualClock
  readonly events: ReadonlyArray<NetworkEvent | PeerEvent>
  readonly closed: () => ReadonlyArray<unknown>
  /** Somebody dials us. */
  readonly call: () => Stranger
  /** We dial somebody, who does so with each connection. */
  readonly dial: (answer: (stranger: PeerSocket, bytes: ReadonlyArray<number>) => void) => Subscription
  readonly dials: () => number
  readonly end: () => void
}

const lab = (policy: EncryptionPolicy): Lab => {
  const clock = createVirtualClock()
  const network = createVirtualNetwork({ clock, seed: 1, latencyMs: 5 })
  const own = network.host('10.0.0.1')
  const other = network.host('10.0.0.2')
  const events: Array<NetworkEvent | PeerEvent> = []
  const all = new Subscription()
  let dials = 0
  const counted: Network = {
    ...own,
    connect: (address) => {
      dials++
      return own.connect(address)
    },
  }
  const wires = createWires(
    {
      network: withEncryption({ network: counted, clock, keyExchange }, { names: [infohash], policy }),
      clock,
    },
    { infohash, peerId: new Uint8Array(20).fill(1), pieceCount: 100 },
  )
  const see = { next: (event: NetworkEvent | PeerEvent) => void events.push(event), error: rethrow }
  return {
    clock,
    events,
    closed: () => events.flatMap((event) => (event._tag === 'PeerClosed' ? [event.reason] : [])),
    call: () => {
      if (events.length === 0) all.add(wires.listen(6_881).subscribe(see))
      let socket: PeerSocket | undefined
      let isClosed = false
      const heard: number[] = []
      all.add(
        other
          .connect({ host: '10.0.0.1', port: 6_881 })
          .pipe(
            mergeMap((answer) => {
              if (E.isLeft(answer)) return EMPTY
              socket = answer.right
              return socket.chunk$.pipe(
                tap((chunk) => E.isRight(chunk) && heard.push(...chunk.right)),
                finalize(() => (isClosed = true)),
              )
            }),
          )
          .subscribe({ error: rethrow }),
      )
      clock.advanceBy(20)
      return {
        says: (bytes) => {
          socket?.write([bytes.slice()])
          clock.advanceBy(20)
        },
        heard: () => heard,
        isClosed: () => isClosed,
      }
    },
    dial: (answer) => {
      all.add(
        other
          .listen({ port: 7_000 })
          .pipe(
            mergeMap((event) => {
              if (E.isLeft(event) || event.right._tag !== 'Accepted') return EMPTY
              const { socket } = event.right
              const bytes: number[] = []
              return socket.chunk$.pipe(
                tap((chunk) => {
                  if (E.isLeft(chunk)) return
                  bytes.push(...chunk.right)
                  answer(socket, bytes)
                }),
                finalize(socket.destroy),
              )
            }),
          )
          .subscribe({ error: rethrow }),
      )
      const dialling = wires.dial(0, { host: '10.0.0.2', port: 7_000 }).subscribe(see)
      all.add(dialling)
      clock.advanceBy(50)
      return dialling
    },
    dials: () => dials,
    end: () => {
      all.unsubscribe()
      clock.advanceBy(1_000)
      expect(clock.pending()).toBe(0)
      expect(network.openSockets()).toBe(0)
    },
  }
}

const isPlain = (bytes: ReadonlyArray<number>): boolean => bytes[0] === 19
const hangUp = (stranger: PeerSocket): void => {
  stranger.destroy()
}

describe('who dials us', () => {
  it.each([
    ['0', keyOf(0n)],
    ['1', keyOf(1n)],
    ['more than the prime', new Uint8Array(KEY_LENGTH).fill(0xff)],
  ])('with %s for a key hears nothing and is hung up on', (_, key) => {
    const { call, closed, end } = lab('allowed')
    const stranger = call()
    stranger.says(key)
    expect(stranger.isClosed()).toBe(true)
    expect(stranger.heard()).toEqual([])
    expect(closed()).toEqual([{ _tag: 'SocketFailed', code: 'EPROTO' }])
    end()
  })

  it('with padding that does not end is hung up on after as much as there may be', () => {
    const { call, closed, end } = lab('allowed')
    const stranger = call()
    stranger.says(keyOf(2n))
    expect(stranger.heard().length).toBeGreaterThanOrEqual(KEY_LENGTH)
    stranger.says(new Uint8Array(531))
    expect(stranger.isClosed()).toBe(false)
    stranger.says(new Uint8Array(1))
    expect(stranger.isClosed()).toBe(true)
    expect(closed()).toHaveLength(1)
    end()
  })

  it('and trickles has ten seconds, encrypted or not', () => {
    for (const bytes of [hello, keyOf(3n)]) {
      const { call, closed, clock, end } = lab('allowed')
      const stranger = call()
      for (let second = 0; second < 9; second++) {
        stranger.says(bytes.subarray(second, second + 1))
        clock.advanceBy(1_000)
      }
      expect(stranger.isClosed()).toBe(false)
      clock.advanceBy(1_000)
      expect(stranger.isClosed()).toBe(true)
      expect(closed()).toEqual([{ _tag: 'HandshakeFailed', cause: 'timeout' }])
      end()
    }
  })

  it('plain is let in byte by byte, or not at all', () => {
    for (const [policy, tag] of [
      ['preferred', 'PeerConnected'],
      ['required', 'PeerClosed'],
    ] as const) {
      const { call, events, end } = lab(policy)
      const stranger = call()
      for (const byte of hello) stranger.says(Uint8Array.of(byte))
      expect(events.map(({ _tag }) => _tag)).toEqual(['Listening', tag])
      end()
    }
  })
})

describe('who is dialled', () => {
  it('and hangs up on everything is dialled twice, and counts once', () => {
    for (const policy of ['allowed', 'preferred'] as const) {
      const { dial, dials, events, end } = lab(policy)
      dial(hangUp)
      expect(dials()).toBe(2)
      expect(events.map(({ _tag }) => _tag)).toEqual(['PeerClosed'])
      end()
    }
  })

  it('and hangs up on what is plain gets the same handshake encrypted, once', () => {
    const { dial, dials, end } = lab('allowed')
    const heard: string[] = []
    dial((stranger, bytes) => {
      heard.push(isPlain(bytes) ? 'plain' : 'encrypted')
      if (isPlain(bytes)) stranger.destroy()
    })
    expect([dials(), heard]).toEqual([2, ['plain', 'encrypted']])
    end()
  })

  it('and is silent is dialled the other way after five seconds, and given up after ten', () => {
    const { dial, dials, closed, clock, end } = lab('preferred')
    const heard: string[] = []
    dial((_, bytes) => heard.push(isPlain(bytes) ? 'plain' : 'encrypted'))
    expect(dials()).toBe(1)
    clock.advanceBy(5_000)
    expect([dials(), heard]).toEqual([2, ['encrypted', 'plain']])
    expect(closed()).toEqual([])
    clock.advanceBy(5_000)
    expect(closed()).toEqual([{ _tag: 'HandshakeFailed', cause: 'timeout' }])
    end()
  })

  it('and has answered a plain handshake is not dialled again when it leaves', () => {
    const { dial, dials, events, end } = lab('allowed')
    dial((stranger) => {
      stranger.write([hello.slice()])
      stranger.end()
    })
    expect(dials()).toBe(1)
    expect(events.map(({ _tag }) => _tag)).toEqual(['PeerConnected', 'PeerClosed'])
    end()
  })

  it('and answers a key with what is none is dialled plain', () => {
    const { dial, dials, events, end } = lab('preferred')
    dial((stranger, bytes) => {
      stranger.write([isPlain(bytes) ? hello.slice() : new Uint8Array(KEY_LENGTH)])
    })
    expect(dials()).toBe(2)
    expect(events.map(({ _tag }) => _tag)).toEqual(['PeerConnected'])
    end()
  })

  it('is not dialled again once nobody waits for it', () => {
    const { dial, dials, clock, end } = lab('preferred')
    const dialling = dial(() => undefined)
    dialling.unsubscribe()
    clock.advanceBy(20_000)
    expect(dials()).toBe(1)
    end()
  })

  it('may be gone by the second time', () => {
    const clock = createVirtualClock()
    const network = createVirtualNetwork({ clock, seed: 1, latencyMs: 5 })
    const events: PeerEvent[] = []
    const listening = network
      .host('10.0.0.2')
      .listen({ port: 7_000 })
      .subscribe({
        next: (event) => {
          if (E.isLeft(event) || event.right._tag !== 'Accepted') return
          event.right.socket.destroy()
          listening.unsubscribe()
        },
        error: rethrow,
      })
    const own = network.host('10.0.0.1')
    const wires = createWires(
      {
        network: withEncryption(
          { network: own, clock, keyExchange },
          { names: [infohash], policy: 'allowed' },
        ),
        clock,
      },
      { infohash, peerId: new Uint8Array(20).fill(1), pieceCount: 100 },
    )
    wires
      .dial(0, { host: '10.0.0.2', port: 7_000 })
      .subscribe({ next: (event) => events.push(event), error: rethrow })
    clock.advanceBy(1_000)
    expect(events).toMatchObject([{ _tag: 'PeerClosed', reason: { code: 'ECONNREFUSED' } }])
    expect(network.openSockets()).toBe(0)
    expect(clock.pending()).toBe(0)
  })
})
