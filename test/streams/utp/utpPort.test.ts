import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { SEQUENCE_MASK } from '../../../src/codecs/utp/sequence.js'
import { decodeUtp, encodeUtp, UTP_TYPE, type UtpPacket } from '../../../src/codecs/utp/utpPacket.js'
import { createPrng } from '../../../src/operators/random.js'
import { UTP_LIMITS } from '../../../src/operators/utp/limits.js'
import type { DatagramSocket, PeerSocket } from '../../../src/streams/deps.js'
import { createUtpPort, type UtpPort } from '../../../src/streams/utp/utpPort.js'
import {
  createVirtualClock,
  createVirtualDatagrams,
  createVirtualRandom,
  type VirtualClock,
} from '../../../src/streams/virtual/index.js'

const VICTIM = { host: '10.0.0.1', port: 6881 } as const
const STRANGER = { host: '10.0.0.9', port: 4_000 } as const

interface Answer {
  readonly port: number
  readonly bytes: Uint8Array
  readonly packet: UtpPacket
}

let clock: VirtualClock
let port: UtpPort
let accepted: PeerSocket[]
let answers: Answer[]
let stranger: DatagramSocket
let held = 0

beforeEach(() => {
  clock = createVirtualClock()
  const datagrams = createVirtualDatagrams({ clock, seed: 1, latencyMs: 1 })
  accepted = []
  answers = []
  held = 0
  const open = (address: { readonly host: string; readonly port: number }): DatagramSocket => {
    const sockets: DatagramSocket[] = []
    datagrams
      .host([address.host])
      .bind({ port: address.port, family: 4 })
      .subscribe({
        next: (bound) => {
          if (E.isRight(bound)) sockets.push(bound.right)
        },
        error: expect.unreachable,
      })
    clock.advanceBy(0)
    return sockets[0]!
  }
  port = createUtpPort({
    socket: open(VICTIM),
    clock,
    random: createVirtualRandom(7),
    hold: () => {
      held++
      return () => held--
    },
  })
  port.onAccepted((socket) => accepted.push(socket))
  stranger = open(STRANGER)
  datagrams.sent$.subscribe(({ from, to, bytes }) => {
    const packet = decodeUtp(bytes)
    if (from.host === VICTIM.host && E.isRight(packet))
      answers.push({ port: to.port, bytes, packet: packet.right })
  })
})
afterEach(() => {
  port.close()
})

const say = (fields: Partial<UtpPacket>): void => {
  const packet: UtpPacket = {
    type: UTP_TYPE.data,
    connectionId: 100,
    timestamp: 1,
    timestampDifference: 0,
    windowSize: 100_000,
    seq: 1,
    ack: 0,
    sack: undefined,
    payload: new Uint8Array(0),
    ...fields,
  }
  stranger.send(encodeUtp(packet), VICTIM)
  clock.advanceBy(5)
}

const syn = (connectionId = 100): void => {
  say({ type: UTP_TYPE.syn, connectionId })
}

/** What the last answer makes of the first data packet. */
const hello = (payload = new Uint8Array(3)): Partial<UtpPacket> => ({
  connectionId: 101,
  seq: 2,
  ack: (answers[0]!.packet.seq - 1) & SEQUENCE_MASK,
  payload,
})

describe('a SYN (R66)', () => {
  it('gets one answer of 20 bytes, and then nothing more for its three seconds', () => {
    syn()
    clock.advanceBy(60_000)
    expect(answers.map(({ bytes }) => bytes.length)).toEqual([20])
    expect(answers[0]?.packet).toMatchObject({ type: UTP_TYPE.state, connectionId: 100, ack: 1 })
    expect([accepted.length, clock.pending()]).toEqual([0, 0])
  })

  it('opens nothing before our answer is acknowledged', () => {
    syn()
    say({ ...hello(), ack: answers[0]!.packet.seq + 5 })
    expect(accepted).toEqual([])
    say(hello())
    expect([accepted.length, held]).toEqual([1, 1])
  })

  it('is forgotten after three seconds', () => {
    syn()
    clock.advanceBy(UTP_LIMITS.halfOpenMs)
    say(hello())
    expect(accepted).toEqual([])
    expect(answers.at(-1)?.packet.type).toBe(UTP_TYPE.reset)
  })

  it('that comes again gets the same answer, three times', () => {
    for (let i = 0; i < 10; i++) syn()
    expect(answers.length).toBe(UTP_LIMITS.synAnswers)
    expect(new Set(answers.map(({ packet }) => packet.seq)).size).toBe(1)
  })

  it('is not answered where nobody listens', () => {
    port.onAccepted(undefined)
    syn()
    expect(answers).toEqual([])
  })

  it('of a flood of 10 000 takes bounded room, and the latest are served', () => {
    for (let i = 0; i < 10_000; i++) say({ type: UTP_TYPE.syn, connectionId: (2 * i) & SEQUENCE_MASK })
    // A tick every millisecond at most, and no timer for each.
    expect(clock.pending()).toBeLessThanOrEqual(2)
    const { seq, connectionId } = answers.at(-1)!.packet
    say({ connectionId: connectionId + 1, seq: 2, ack: (seq - 1) & SEQUENCE_MASK })
    expect(accepted.length).toBe(1)
    clock.advanceBy(UTP_LIMITS.halfOpenMs)
    accepted[0]?.destroy()
    clock.advanceBy(60_000)
    expect([held, clock.pending()]).toEqual([0, 0])
  })
})

describe('a packet of no connection', () => {
  it('is reset, twenty times a second at most', () => {
    for (let i = 0; i < 1_000; i++) {
      stranger.send(
        encodeUtp({
          type: UTP_TYPE.data,
          connectionId: i,
          timestamp: 0,
          timestampDifference: 0,
          windowSize: 0,
          seq: 0,
          ack: 0,
          sack: undefined,
          payload: new Uint8Array(100),
        }),
        VICTIM,
      )
    }
    clock.advanceBy(10)
    expect(answers.length).toBe(UTP_LIMITS.resetsPerSecond)
    expect(answers.every(({ bytes, packet }) => bytes.length === 20 && packet.type === UTP_TYPE.reset)).toBe(
      true,
    )
  })

  it('is left alone where it is a reset itself', () => {
    say({ type: UTP_TYPE.reset })
    expect(answers).toEqual([])
  })
})

describe('a connection', () => {
  const read: number[] = []
  const log: string[] = []
  beforeEach(() => {
    read.length = 0
    log.length = 0
    syn()
    say(hello(Uint8Array.of(1)))
    accepted[0]!.chunk$.subscribe({
      next: (chunk) => {
        if (E.isLeft(chunk)) log.push(chunk.left.code)
        else read.push(...chunk.right)
      },
      error: expect.unreachable,
      complete: () => log.push('end'),
    })
  })
  const ack = (): number => (answers[0]!.packet.seq - 1) & SEQUENCE_MASK

  it('passes over data that acknowledges what was never sent', () => {
    say({ ...hello(Uint8Array.of(9)), seq: 3, ack: (ack() + 1) & SEQUENCE_MASK })
    say({ ...hello(Uint8Array.of(2)), seq: 3 })
    expect(read).toEqual([1, 2])
  })

  it('puts packets in order, and tells which are missing', () => {
    say({ ...hello(Uint8Array.of(4)), seq: 5 })
    say({ ...hello(Uint8Array.of(3)), seq: 4 })
    expect(read).toEqual([1])
    expect(answers.at(-1)?.packet).toMatchObject({ ack: 2, sack: Uint8Array.of(3, 0, 0, 0) })
    say({ ...hello(Uint8Array.of(2)), seq: 3 })
    expect(read).toEqual([1, 2, 3, 4])
    expect(answers.at(-1)?.packet).toMatchObject({ ack: 5, sack: undefined })
  })

  it('takes no packet that is far ahead, and nothing beyond the end', () => {
    say({ ...hello(Uint8Array.of(9)), seq: 3 + UTP_LIMITS.packets })
    say({ ...hello(), type: UTP_TYPE.fin, seq: 4 })
    say({ ...hello(Uint8Array.of(9)), seq: 5 })
    say({ ...hello(Uint8Array.of(9)), type: UTP_TYPE.fin, seq: 6 })
    say({ ...hello(Uint8Array.of(2)), seq: 3 })
    expect([read, log]).toEqual([[1, 2], ['end']])
  })

  it('ends with a reset, by either of its ids', () => {
    say({ type: UTP_TYPE.reset, connectionId: 100, ack: ack() })
    expect([log, held]).toEqual([['ECONNRESET', 'end'], 0])
  })

  it('is not reset by somebody else', () => {
    say({ type: UTP_TYPE.reset, connectionId: 102, ack: ack() })
    say({ type: UTP_TYPE.reset, connectionId: 99, ack: ack() })
    expect(log).toEqual([])
  })

  it('is not reset by who knows its id and not what we sent: at two of 65 536 guesses', () => {
    // Each id that is taken for it, and every `ack` but those that fit.
    for (const connectionId of [100, 101]) {
      for (let step = 2; step <= SEQUENCE_MASK; step++) {
        stranger.send(
          encodeUtp({
            type: UTP_TYPE.reset,
            connectionId,
            timestamp: 0,
            timestampDifference: 0,
            windowSize: 0,
            seq: step,
            ack: (ack() + step) & SEQUENCE_MASK,
            sack: undefined,
            payload: new Uint8Array(0),
          }),
          VICTIM,
        )
      }
      clock.advanceBy(10)
    }
    say({ ...hello(Uint8Array.of(2)), seq: 3 })
    expect([read, log]).toEqual([[1, 2], []])
    say({ type: UTP_TYPE.reset, connectionId: 101, ack: (ack() + 1) & SEQUENCE_MASK })
    expect(log).toEqual(['ECONNRESET', 'end'])
  })

  it('shares the room for what comes early with the others of its port', () => {
    const ahead = (connectionId: number): void => {
      for (let seq = 3; seq < 3 + 900; seq++) {
        say({ ...hello(new Uint8Array(1_000)), connectionId, ack: acks[connectionId]!, seq: seq + 1 })
      }
    }
    const acks: Record<number, number> = { 101: ack() }
    const windows: number[] = []
    for (let id = 200; id < 260; id += 2) {
      syn(id)
      const first = answers.at(-1)!.packet.seq
      acks[id + 1] = (first - 1) & SEQUENCE_MASK
      say({ ...hello(Uint8Array.of(1)), connectionId: id + 1, ack: acks[id + 1]! })
      ahead(id + 1)
      windows.push(answers.at(-1)!.packet.windowSize)
    }
    const kept = windows.reduce((sum, window) => sum + UTP_LIMITS.receiveBytes - window, 0)
    expect(kept).toBeGreaterThan(UTP_LIMITS.earlyBytes / 2)
    expect(kept).toBeLessThanOrEqual(2 * UTP_LIMITS.earlyBytes)
    expect(windows[0]).toBeLessThan(UTP_LIMITS.receiveBytes / 4)
    expect(windows.at(-1)).toBeGreaterThan((UTP_LIMITS.receiveBytes * 9) / 10)
    for (const socket of accepted.slice(1)) socket.destroy()
    say({ ...hello(Uint8Array.of(3)), seq: 4 })
    ahead(101)
    say({ ...hello(Uint8Array.of(2)), seq: 3 })
    expect(read.slice(0, 3)).toEqual([1, 2, 3])
  })

  it('survives 20 000 packets of chance in its name (R67)', () => {
    const prng = createPrng(67)
    const types = Object.values(UTP_TYPE).filter((type) => type !== UTP_TYPE.reset)
    for (let i = 0; i < 20_000; i++) {
      const sack =
        prng.int(3) === 0
          ? Uint8Array.from({ length: 4 * (1 + prng.int(20)) }, () => prng.uint32())
          : undefined
      stranger.send(
        encodeUtp({
          type: types[prng.int(types.length)]!,
          connectionId: 101,
          timestamp: prng.uint32(),
          timestampDifference: prng.uint32(),
          windowSize: prng.uint32(),
          // Most of them near what is expected.
          seq: prng.int(4) === 0 ? prng.int(65_536) : prng.int(2_000),
          ack: prng.int(2) === 0 ? prng.int(65_536) : (ack() + prng.int(5) - 2) & SEQUENCE_MASK,
          sack,
          payload: new Uint8Array(prng.int(1_400)),
        }),
        VICTIM,
      )
      if (i % 100 === 0) {
        accepted[0]!.write([new Uint8Array(prng.int(3_000))])
        clock.advanceBy(10)
      }
    }
    clock.advanceBy(60_000)
    accepted[0]!.destroy()
    clock.advanceBy(60_000)
    expect([held, clock.pending()]).toEqual([0, 0])
  })
})
