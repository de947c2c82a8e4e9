import { EMPTY, finalize, mergeMap, Subscription } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { decodeReserved, encodeHandshake, encodeReserved } from '../../../src/codecs/handshake.js'
import { writeMessages } from '../../../src/codecs/wire/write.js'
import type { NetworkEvent, PeerEvent } from '../../../src/operators/session/event.js'
import type { PeerSocket, SessionDeps } from '../../../src/streams/deps.js'
import { createWires, type Wires } from '../../../src/streams/peer/wires.js'
import { createVirtualClock, type VirtualClock } from '../../../src/streams/virtual/clock.js'
import { createVirtualNetwork, type VirtualNetwork } from '../../../src/streams/virtual/network.js'
import { rethrow } from '../../support/rethrow.js'

const infohash = new Uint8Array(20).fill(7)
const reserved = encodeReserved({ fast: true, extended: true, dht: false, v2: false })
const handshake = (id = 1, of = infohash): Uint8Array =>
  encodeHandshake({ infohash: of, peerId: new Uint8Array(20).fill(id), reserved })

interface Lab {
  readonly clock: VirtualClock
  readonly network: VirtualNetwork
  readonly wires: Wires
  readonly events: (NetworkEvent | PeerEvent)[]
  readonly all: Subscription
  /** A raw connection to the wires' host. */
  readonly knock: (from?: string) => {
    readonly socket: () => PeerSocket | undefined
    readonly isClosed: () => boolean
  }
  readonly reasons: () => ReadonlyArray<unknown>
  readonly end: () => void
}

const lab = (names: { v2Infohash?: Uint8Array } = {}): Lab => {
  const clock = createVirtualClock()
  const network = createVirtualNetwork({ clock, seed: 1, latencyMs: 5 })
  const deps: Pick<SessionDeps, 'network' | 'clock'> = { network: network.host('10.0.0.1'), clock }
  const wires = createWires(deps, {
    infohash,
    peerId: new Uint8Array(20).fill(200),
    pieceCount: 16,
    ...names,
  })
  const events: (NetworkEvent | PeerEvent)[] = []
  const all = new Subscription()
  all.add(wires.listen(6_881).subscribe({ next: (event) => events.push(event), error: rethrow }))
  clock.advanceBy(1)
  return {
    clock,
    network,
    wires,
    events,
    all,
    reasons: () => events.flatMap((event) => (event._tag === 'PeerClosed' ? [event.reason] : [])),
    knock: (from = '10.0.0.2') => {
      let socket: PeerSocket | undefined
      let isClosed = false
      all.add(
        network
          .host(from)
          .connect({ host: '10.0.0.1', port: 6_881 })
          .pipe(
            mergeMap((answer) => {
              if (E.isLeft(answer)) return EMPTY
              socket = answer.right
              return socket.chunk$.pipe(finalize(() => (isClosed = true)))
            }),
          )
          .subscribe({ error: rethrow }),
      )
      clock.advanceBy(30)
      return { socket: () => socket, isClosed: () => isClosed }
    },
    end: () => {
      all.unsubscribe()
      clock.advanceBy(1_000)
      expect(clock.pending()).toBe(0)
      expect(network.openSockets()).toBe(0)
      expect(network.openPorts()).toBe(0)
    },
  }
}

const tagsOf = ({ events }: Lab): ReadonlyArray<string> => events.map(({ _tag }) => _tag)

describe('wires', () => {
  it('tell of a peer once both hands are shaken, then of its messages, then that it is gone', () => {
    const it = lab()
    const peer = it.knock()
    peer.socket()!.write([handshake(), writeMessages([{ _tag: 'HaveNone' }, { _tag: 'Interested' }])])
    it.clock.advanceBy(100)
    peer.socket()!.write([writeMessages([{ _tag: 'Have', piece: 3 }])])
    it.clock.advanceBy(100)
    peer.socket()!.end()
    it.clock.advanceBy(100)
    expect(it.events).toMatchObject([
      { _tag: 'Listening', port: 6_881 },
      {
        _tag: 'PeerConnected',
        direction: 'incoming',
        address: { host: '10.0.0.2' },
        peerId: new Uint8Array(20).fill(1),
      },
      { _tag: 'PeerBatch', messages: [{ _tag: 'HaveNone' }, { _tag: 'Interested' }] },
      { _tag: 'PeerBatch', messages: [{ _tag: 'Have', piece: 3 }] },
      { _tag: 'PeerClosed', reason: { _tag: 'EndedByPeer' } },
    ])
    it.end()
  })

  it('answer a handshake only when it names the torrent', () => {
    const it = lab()
    const peer = it.knock()
    peer.socket()!.write([handshake(1, new Uint8Array(20).fill(8))])
    it.clock.advanceBy(100)
    expect(peer.isClosed()).toBe(true)
    expect(it.reasons()).toEqual([{ _tag: 'HandshakeFailed', cause: 'wrong-infohash' }])
    it.end()
  })

  describe('of a hybrid torrent', () => {
    const v2Infohash = new Uint8Array(20).fill(9)
    const names = { v2Infohash }
    const heardBy = (socket: PeerSocket, all: Subscription): number[] => {
      const heard: number[] = []
      all.add(
        socket.chunk$.subscribe({
          next: (chunk) => {
            if (E.isRight(chunk)) heard.push(...chunk.right)
          },
          error: rethrow,
        }),
      )
      return heard
    }

    it.each([
      ['v1', infohash, false],
      ['v2', v2Infohash, true],
    ])('take who comes by its %s infohash, and answer by that', (_, named, isV2) => {
      const { network, clock, events, all, end } = lab(names)
      let socket: PeerSocket | undefined
      all.add(
        network
          .host('10.0.0.2')
          .connect({ host: '10.0.0.1', port: 6_881 })
          .subscribe({
            next: (answer) => {
              if (E.isRight(answer)) socket = answer.right
            },
            error: rethrow,
          }),
      )
      clock.advanceBy(30)
      const heard = heardBy(socket!, all)
      socket!.write([handshake(1, named)])
      clock.advanceBy(30)
      expect(heard.slice(28, 48)).toEqual([...named])
      expect(decodeReserved(Uint8Array.from(heard.slice(20, 28))).v2).toBe(true)
      const connected = events.find((event) => event._tag === 'PeerConnected')
      expect(connected && decodeReserved(connected.reserved).v2).toBe(isV2)
      end()
    })

    it('let who was dialled by v1 answer by v2 (BEP 52)', () => {
      const { network, clock, wires, events, all, end } = lab(names)
      let greeting: number[] = []
      all.add(
        network
          .host('10.0.0.2')
          .listen({ port: 7_000 })
          .subscribe({
            next: (event) => {
              if (E.isLeft(event) || event.right._tag !== 'Accepted') return
              const { socket } = event.right
              all.add(() => {
                socket.destroy()
              })
              greeting = heardBy(socket, all)
              socket.write([handshake(1, v2Infohash)])
            },
            error: rethrow,
          }),
      )
      all.add(
        wires
          .dial(2, { host: '10.0.0.2', port: 7_000 })
          .subscribe({ next: (event) => events.push(event), error: rethrow }),
      )
      clock.advanceBy(100)
      expect(greeting.slice(28, 48)).toEqual([...infohash])
      const connected = events.find((event) => event._tag === 'PeerConnected')
      expect(connected && decodeReserved(connected.reserved).v2).toBe(true)
      end()
    })
  })

  it('close with the reason that they are given, once', () => {
    const it = lab()
    const peer = it.knock()
    peer.socket()!.write([handshake()])
    it.clock.advanceBy(100)
    const key = it.events.flatMap((event) => (event._tag === 'PeerConnected' ? [event.peer] : []))[0]!
    it.wires.close(key, { _tag: 'Banned' })
    it.wires.close(key, { _tag: 'SelfConnection' })
    it.clock.advanceBy(100)
    expect(it.reasons()).toEqual([{ _tag: 'Banned' }])
    expect(peer.isClosed()).toBe(true)
    expect(it.wires.write(key, new Uint8Array(1))).toBeUndefined()
    it.end()
  })

  it('can close a dial that has not come through', () => {
    const it = lab()
    it.all.add(
      it.wires.dial(8, { host: '10.9.9.9', port: 1 }).subscribe({
        next: (event) => it.events.push(event),
        error: expect.unreachable,
      }),
    )
    it.wires.close(8, { _tag: 'NotNeeded', why: 'stopping' })
    expect(it.reasons()).toEqual([{ _tag: 'NotNeeded', why: 'stopping' }])
    it.end()
  })

  it.each([
    ['nobody answers', '10.9.9.9', 'ETIMEDOUT'],
    ['nobody listens', '10.0.0.3', 'ECONNREFUSED'],
  ])('tell that a dial failed where %s', (_, host, code) => {
    const it = lab()
    it.network.host('10.0.0.3')
    it.all.add(
      it.wires.dial(8, { host, port: 1 }).subscribe({
        next: (event) => it.events.push(event),
        error: expect.unreachable,
      }),
    )
    it.clock.advanceBy(30_000)
    expect(it.reasons()).toEqual([{ _tag: 'SocketFailed', code }])
    it.end()
  })

  it('give a handshake ten seconds, however it trickles, and then the place to somebody else (R29)', () => {
    const it = lab()
    const slow = Array.from({ length: 500 }, (_, i) => it.knock(`10.1.${String(i >> 8)}.${String(i & 255)}`))
    const letIn = slow.filter((peer) => !peer.isClosed())
    expect(letIn.length).toBeLessThanOrEqual(64)
    const bytes = handshake()
    for (let second = 0; second < 12; second++) {
      for (const peer of letIn)
        if (!peer.isClosed()) peer.socket()?.write([bytes.subarray(second, second + 1)])
      it.clock.advanceBy(1_000)
    }
    expect(letIn.every((peer) => peer.isClosed())).toBe(true)
    expect(it.reasons().length).toBeGreaterThan(0)
    for (const reason of it.reasons()) expect(reason).toEqual({ _tag: 'HandshakeFailed', cause: 'timeout' })
    it.knock('10.0.0.9')
      .socket()!
      .write([handshake(9)])
    it.clock.advanceBy(100)
    expect(tagsOf(it).at(-1)).toBe('PeerConnected')
    it.end()
  })

  it('let who shakes hands in through a flood of those who do not: the eldest go', () => {
    const it = lab()
    for (let i = 0; i < 300; i++) it.knock(`10.1.${String(i >> 8)}.${String(i & 255)}`)
    const good = it.knock('10.0.0.9')
    good.socket()!.write([handshake(9)])
    it.clock.advanceBy(100)
    expect(tagsOf(it).at(-1)).toBe('PeerConnected')
    expect(good.isClosed()).toBe(false)
    expect(it.network.openSockets('10.0.0.1')).toBeLessThanOrEqual(64)
    it.end()
  })

  it('take a handshake in any two chunks, with what follows it', () => {
    const all = Buffer.concat([handshake(), writeMessages([{ _tag: 'HaveAll' }, { _tag: 'Have', piece: 1 }])])
    for (let cut = 1; cut < all.length; cut++) {
      const it = lab()
      const socket = it.knock().socket()!
      socket.write([Uint8Array.from(all.subarray(0, cut))])
      it.clock.advanceBy(50)
      socket.write([Uint8Array.from(all.subarray(cut))])
      it.clock.advanceBy(50)
      const messages = it.events.flatMap((event) => (event._tag === 'PeerBatch' ? event.messages : []))
      expect(
        messages.map(({ _tag }) => _tag),
        `cut at ${String(cut)}`,
      ).toEqual(['HaveAll', 'Have'])
      it.end()
    }
  })

  it('lose nobody to the failure of others: of 200 connections 100 break (R89)', () => {
    const it = lab()
    // No more than can be open at once.
    for (let wave = 0; wave < 4; wave++) {
      const peers = Array.from({ length: 50 }, (_, i) => {
        const peer = it.knock(`10.2.${String(wave)}.${String(i)}`)
        peer.socket()!.write([i % 2 === 0 ? handshake(i + 1) : handshake(i + 1).fill(0x2a, i % 19, 20)])
        return peer
      })
      it.clock.advanceBy(100)
      expect(peers.map((peer) => peer.isClosed())).toEqual(peers.map((_, i) => i % 2 === 1))
      for (const peer of peers) peer.socket()!.destroy()
      it.clock.advanceBy(100)
    }
    expect(tagsOf(it).filter((tag) => tag === 'PeerConnected')).toHaveLength(100)
    expect(it.reasons()).toHaveLength(200)
    it.end()
  })
})
