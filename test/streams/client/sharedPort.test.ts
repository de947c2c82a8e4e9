import { concat, EMPTY, finalize, mergeMap, NEVER, Subscription } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { encodeHandshake, encodeReserved } from '../../../src/codecs/handshake.js'
import { sharedPort, type SharedPort } from '../../../src/streams/client/sharedPort.js'
import type { ListenEvent, Network, PeerSocket, SocketError } from '../../../src/streams/deps.js'
import { dialEncrypted } from '../../../src/streams/encryption/dialEncrypted.js'
import type { EncryptionPolicy } from '../../../src/streams/encryption/policy.js'
import { createVirtualClock, type VirtualClock } from '../../../src/streams/virtual/clock.js'
import { createVirtualNetwork, type VirtualNetwork } from '../../../src/streams/virtual/network.js'
import { keyPairOf } from '../../support/keyPairOf.js'

const infohashOf = (id: number): Uint8Array => new Uint8Array(20).fill(id)
const handshakeFor = (id: number): Uint8Array =>
  encodeHandshake({
    infohash: infohashOf(id),
    peerId: new Uint8Array(20).fill(9),
    reserved: encodeReserved({ fast: true, extended: true, dht: false, v2: false }),
  })

type Heard = Either<SocketError, ListenEvent>

interface Caller {
  readonly says: (bytes: Uint8Array) => void
  readonly isClosed: () => boolean
}

interface Lab {
  readonly clock: VirtualClock
  readonly network: VirtualNetwork
  readonly port: SharedPort
  readonly listen: (
    id: number,
    policy?: EncryptionPolicy,
  ) => { readonly heard: Heard[]; readonly stop: () => void }
  /** What was accepted for the torrent is read: all bytes so far. */
  readonly read: (heard: ReadonlyArray<Heard>, index?: number) => () => ReadonlyArray<number>
  /** Plain, or encrypted for the torrent of that number. */
  readonly call: (encryptedFor?: number) => Caller
  readonly end: () => void
}

const keyExchange = {
  newKeyPair: () => keyPairOf('d0460a0b00564380e0f645f7739c718d5b410cac'),
  random: { bytes: (count: number) => new Uint8Array(count).fill(1) },
}

const lab = (connections = 200, wanted = 6_881, encrypts = false): Lab => {
  const clock = createVirtualClock()
  const network = createVirtualNetwork({ clock, seed: 1, latencyMs: 5 })
  const port = sharedPort(
    { network: network.host('10.0.0.1'), clock, ...(encrypts ? { keyExchange } : {}) },
    { port: wanted, connections },
  )
  const all = new Subscription()
  const everything: Heard[][] = []
  return {
    clock,
    network,
    port,
    listen: (id, policy = 'allowed') => {
      const heard: Heard[] = []
      everything.push(heard)
      const listening = port
        .forInfohash([infohashOf(id)], policy)
        .listen({ port: 1 })
        .subscribe((event) => heard.push(event))
      all.add(listening)
      clock.advanceBy(1)
      return { heard, stop: () => listening.unsubscribe() }
    },
    read: (heard, index = 0) => {
      const bytes: number[] = []
      all.add(
        accepted(heard)[index]?.chunk$.subscribe((chunk) => {
          if (E.isRight(chunk)) bytes.push(...chunk.right)
        }),
      )
      clock.advanceBy(20)
      return () => bytes
    },
    call: (encryptedFor) => {
      const caller = network.host('10.0.0.2')
      const connect =
        encryptedFor === undefined
          ? caller.connect
          : dialEncrypted(caller.connect, {
              policy: 'required',
              infohash: infohashOf(encryptedFor),
              keyExchange,
              clock,
            })
      let socket: PeerSocket | undefined
      let isClosed = false
      all.add(
        connect({ host: '10.0.0.1', port: 6_881 })
          .pipe(
            mergeMap((answer) => {
              if (E.isLeft(answer)) return EMPTY
              socket = answer.right
              return socket.chunk$.pipe(finalize(() => (isClosed = true)))
            }),
          )
          .subscribe(),
      )
      clock.advanceBy(20)
      return {
        says: (bytes) => {
          socket?.write([bytes.slice()])
          clock.advanceBy(20)
        },
        isClosed: () => isClosed,
      }
    },
    end: () => {
      all.unsubscribe()
      // What was handed over is its session's to close.
      for (const socket of everything.flatMap(accepted)) socket.destroy()
      port.close()
      clock.advanceBy(1_000)
      expect(clock.pending()).toBe(0)
      expect(network.openSockets()).toBe(0)
      expect(network.openPorts()).toBe(0)
    },
  }
}

const accepted = (heard: ReadonlyArray<Heard>): ReadonlyArray<PeerSocket> =>
  heard.flatMap((event) => (E.isRight(event) && event.right._tag === 'Accepted' ? [event.right.socket] : []))

describe('a shared port', () => {
  it('is one, whatever the sessions ask for, and tells it to each', () => {
    const { listen, port, network, end } = lab()
    const [one, two] = [listen(1), listen(2)]
    const listening = E.right({ _tag: 'Listening', port: 6_881 })
    expect([one.heard, two.heard]).toEqual([[listening], [listening]])
    expect(port.port()).toBe(6_881)
    expect(network.openPorts()).toBe(1)
    end()
  })

  it('hands a peer to the session that has its torrent, with every byte that it has said', () => {
    const { listen, call, read, end } = lab()
    const [one, two] = [listen(1), listen(2)]
    const caller = call()
    const handshake = handshakeFor(2)
    caller.says(handshake.subarray(0, 50))
    expect(accepted(two.heard).length).toBe(0)
    caller.says(Uint8Array.of(...handshake.subarray(50), 1, 2, 3))
    expect([accepted(one.heard).length, accepted(two.heard).length]).toEqual([0, 1])
    const bytes = read(two.heard)
    caller.says(Uint8Array.of(4, 5))
    expect(bytes()).toEqual([...handshake, 1, 2, 3, 4, 5])
    end()
  })

  it('hands who comes encrypted to the session whose torrent he knows, decrypted', () => {
    const { listen, call, read, end } = lab(200, 6_881, true)
    const [one, two] = [listen(1), listen(2, 'required')]
    const caller = call(2)
    caller.says(Uint8Array.of(...handshakeFor(2), 1, 2, 3))
    expect([accepted(one.heard).length, accepted(two.heard).length]).toEqual([0, 1])
    expect(accepted(two.heard)[0]?.isEncrypted?.()).toBe(true)
    const bytes = read(two.heard)
    caller.says(Uint8Array.of(4, 5))
    expect(bytes()).toEqual([...handshakeFor(2), 1, 2, 3, 4, 5])
    end()
  })

  it.each([
    ['encrypted for one torrent, for another', 'allowed', 1, 2],
    ['encrypted for a torrent that nobody has', 'allowed', 3, 3],
    ['encrypted for a torrent that is not to be', 'disabled', 2, 2],
    ['plain for a torrent that is to be encrypted', 'required', undefined, 2],
  ] as const)('hangs up on who comes %s', (_, policy, encryptedFor, named) => {
    const { listen, call, end } = lab(200, 6_881, true)
    const [one, two] = [listen(1), listen(2, policy)]
    const caller = call(encryptedFor)
    caller.says(handshakeFor(named))
    expect(caller.isClosed()).toBe(true)
    expect([accepted(one.heard).length, accepted(two.heard).length]).toEqual([0, 0])
    end()
  })

  it('hands peers to a hybrid by either of its names, and lets nobody else have one of them', () => {
    const { call, port, network, clock, end } = lab()
    const heard: Heard[] = []
    const listening = port
      .forInfohash([infohashOf(1), infohashOf(2)], 'allowed')
      .listen({ port: 1 })
      .subscribe((event) => heard.push(event))
    clock.advanceBy(1)
    for (const id of [1, 2]) call().says(handshakeFor(id))
    expect(accepted(heard).length).toBe(2)
    for (const socket of accepted(heard)) socket.destroy()
    const refused: Heard[] = []
    port
      .forInfohash([infohashOf(2)], 'allowed')
      .listen({ port: 1 })
      .subscribe((event) => refused.push(event))
    expect(refused).toEqual([E.left({ _tag: 'SocketError', code: 'EADDRINUSE' })])
    listening.unsubscribe()
    const stranger = call()
    stranger.says(handshakeFor(2))
    expect(stranger.isClosed()).toBe(true)
    expect(network.openPorts()).toBe(1)
    end()
  })

  it('hangs up on who wants another torrent, speaks another language, or takes ten seconds', () => {
    const { clock, listen, call, end } = lab()
    listen(1)
    const [stranger, fool, slow] = [call(), call(), call()]
    stranger.says(handshakeFor(7))
    fool.says(Uint8Array.of(20, 1))
    slow.says(handshakeFor(1).subarray(0, 67))
    expect([stranger.isClosed(), fool.isClosed(), slow.isClosed()]).toEqual([true, true, false])
    clock.advanceBy(10_000)
    expect(slow.isClosed()).toBe(true)
    end()
  })

  it('holds 64 that have not said what they want, and lets the eldest go for the next', () => {
    const { listen, call, end } = lab()
    const { heard } = listen(1)
    const silent = Array.from({ length: 64 }, call)
    expect(silent.some((one) => one.isClosed())).toBe(false)
    const flood = Array.from({ length: 200 }, call)
    expect(silent.every((one) => one.isClosed())).toBe(true)
    expect(flood.filter((one) => !one.isClosed()).length).toBe(64)
    const talker = call()
    talker.says(handshakeFor(1))
    expect(accepted(heard).length).toBe(1)
    end()
  })

  it('keeps to the budget, whoever dials, and gives back what is closed', () => {
    const { listen, call, read, port, network, clock, end } = lab(10)
    const { heard } = listen(1)
    const room = 10 + 2
    const callers = Array.from({ length: room + 1 }, call)
    for (const caller of callers) caller.says(handshakeFor(1))
    expect(accepted(heard).length).toBe(room)
    expect(callers.map((caller) => caller.isClosed()).filter(Boolean).length).toBe(1)
    for (let index = 0; index < room; index++) read(heard, index)
    const answers: unknown[] = []
    const dial = (): Subscription =>
      port
        .forInfohash([infohashOf(1)], 'allowed')
        .connect({ host: '10.0.0.2', port: 1 })
        .subscribe((answer) => answers.push(answer))
    dial()
    expect(answers).toEqual([E.left({ _tag: 'SocketError', code: 'EBUDGET' })])
    for (const socket of accepted(heard).slice(0, 3)) socket.destroy()
    clock.advanceBy(20)
    answers.length = 0
    dial()
    clock.advanceBy(20)
    expect(answers).toEqual([E.left({ _tag: 'SocketError', code: 'ECONNREFUSED' })])
    expect(network.openSockets()).toBeGreaterThan(0)
    end()
  })

  it('stays open for those that are left, and for those that come', () => {
    const { listen, call, network, end } = lab()
    const [one, two] = [listen(1), listen(2)]
    one.stop()
    const gone = call()
    gone.says(handshakeFor(1))
    expect(gone.isClosed()).toBe(true)
    two.stop()
    expect(network.openPorts()).toBe(1)
    const again = listen(1)
    expect(again.heard).toEqual([E.right({ _tag: 'Listening', port: 6_881 })])
    end()
  })

  it('has one place for each torrent', () => {
    const { listen, end } = lab()
    listen(1)
    expect(listen(1).heard).toEqual([E.left({ _tag: 'SocketError', code: 'EADDRINUSE' })])
    end()
  })

  it('that is taken is a failure for each, until it is free', () => {
    const { listen, network, clock, end } = lab()
    const rival = network.host('10.0.0.1').listen({ port: 6_881 }).subscribe()
    clock.advanceBy(1)
    const failed = E.left({ _tag: 'SocketError', code: 'EADDRINUSE' })
    const [one, two] = [listen(1), listen(2)]
    expect([one.heard, two.heard]).toEqual([[failed], [failed]])
    rival.unsubscribe()
    const three = listen(3)
    const listening = E.right({ _tag: 'Listening', port: 6_881 })
    expect([one.heard, two.heard, three.heard]).toEqual([
      [failed, listening],
      [failed, listening],
      [listening],
    ])
    end()
  })
})

describe('a shared port without uTP', () => {
  it('tells each session so, those that come later too, and is a port all the same', () => {
    const clock = createVirtualClock()
    const events: ReadonlyArray<Heard> = [
      E.right({ _tag: 'Listening', port: 6_881 }),
      E.right({ _tag: 'UtpListenFailed', code: 'EADDRINUSE' }),
    ]
    const network: Network = { connect: () => EMPTY, listen: () => concat(events, NEVER) }
    const port = sharedPort({ network, clock }, { port: 6_881, connections: 10 })
    const heard: Heard[][] = []
    const all = new Subscription()
    for (const id of [1, 2]) {
      const own: Heard[] = []
      heard.push(own)
      all.add(
        port
          .forInfohash([infohashOf(id)], 'allowed')
          .listen({ port: 0 })
          .subscribe((event) => own.push(event)),
      )
    }
    expect(heard).toEqual([events, events])
    expect(port.port()).toBe(6_881)
    all.unsubscribe()
    port.close()
  })
})
