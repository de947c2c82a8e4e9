import { beforeEach, describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { decodeUtp, UTP_HEADER_BYTES, UTP_TYPE, type UtpPacket } from '../../../src/codecs/utp/utpPacket.js'
import type { UtpEffect } from '../../../src/operators/utp/effect.js'
import type { UtpEvent } from '../../../src/operators/utp/event.js'
import { UTP_LIMITS } from '../../../src/operators/utp/limits.js'
import { createUtpModel, type UtpModel } from '../../../src/operators/utp/model.js'
import { utpDeadline, utpTurn } from '../../../src/operators/utp/turn.js'

const PACKET = 1_400
const PAYLOAD = PACKET - UTP_HEADER_BYTES

let model: UtpModel
let now: number
let sent: UtpPacket[]
let others: UtpEffect[]
beforeEach(() => {
  now = 1_000
  sent = []
  others = []
  // Numbers begin anew a few packets on.
  model = createUtpModel(
    { receiveId: 8, sendId: 7, firstSeq: 65_533, accepted: { ack: 65_534 }, packetBytes: PACKET },
    now,
  )
})

const feed = (event: UtpEvent): void => {
  for (const effect of utpTurn(model, event)) {
    if (effect._tag !== 'Send') others.push(effect)
    else {
      const packet = decodeUtp(effect.bytes.slice())
      if (E.isRight(packet)) sent.push(packet.right)
    }
  }
}

const write = (bytes: number): void => {
  feed({ _tag: 'Write', at: now, buffers: [new Uint8Array(bytes)] })
}

const hear = (fields: Partial<UtpPacket>): void => {
  feed({
    _tag: 'Received',
    at: now,
    packet: {
      type: UTP_TYPE.state,
      connectionId: 8,
      timestamp: 0,
      timestampDifference: 1_000,
      windowSize: 1_000_000,
      seq: 65_535,
      ack: 65_532,
      sack: undefined,
      payload: new Uint8Array(0),
      ...fields,
    },
  })
}

/** Lets time pass, with each deadline on its way. */
const pass = (ms: number): void => {
  const end = now + ms
  while (utpDeadline(model) <= end) {
    now = Math.max(now, utpDeadline(model))
    feed({ _tag: 'Tick', at: now })
  }
  now = end
}

const seqs = (): ReadonlyArray<number> => sent.map(({ seq }) => seq)

describe('sending', () => {
  beforeEach(() => {
    hear({})
    sent.length = 0
  })

  it('begins with four packets, and each that is acknowledged lets two go', () => {
    write(20 * PAYLOAD)
    expect(seqs()).toEqual([65_533, 65_534, 65_535, 0])
    now += 50
    hear({ ack: 65_534 })
    expect(seqs()).toEqual([65_533, 65_534, 65_535, 0, 1, 2, 3, 4])
  })

  it('sends again what three later ones have overtaken, at once and once, and halves the window', () => {
    write(4 * PAYLOAD)
    const before = model.window
    now += 50
    // The first is missing.
    hear({ sack: Uint8Array.of(0b11, 0, 0, 0) })
    expect(sent.length).toBe(4)
    hear({ sack: Uint8Array.of(0b111, 0, 0, 0) })
    expect(seqs().slice(4)).toEqual([65_533])
    hear({ sack: Uint8Array.of(0b111, 0, 0, 0) })
    expect(sent.length).toBe(5)
    expect(model.window).toBeLessThan(before)
    hear({ ack: 0 })
    expect([model.inFlightBytes, model.lostPackets, utpDeadline(model)]).toEqual([
      0,
      0,
      model.sentAt + 29_000,
    ])
  })

  it('understands peers that tell nothing of what comes out of order', () => {
    write(4 * PAYLOAD)
    for (let i = 0; i < 4; i++) hear({})
    expect(seqs().slice(4)).toEqual([65_533])
  })

  it('sends the last packet again where nothing is heard of it, and learns what else is lost', () => {
    write(PAYLOAD)
    now += 40
    hear({ ack: 65_533 })
    write(3 * PAYLOAD)
    sent.length = 0
    pass(2 * 40 + UTP_LIMITS.tailMs)
    expect(seqs()).toEqual([0])
  })

  it('waits twice as long after each timeout, and gives up', () => {
    write(10)
    const times: number[] = []
    const start = now
    while (others.length === 0) {
      const before = sent.length
      now = utpDeadline(model)
      feed({ _tag: 'Tick', at: now })
      if (sent.length > before) times.push(now - start)
    }
    expect(times).toEqual([1_000, 3_000, 7_000, 15_000, 31_000])
    expect(others).toEqual([{ _tag: 'Closed', code: 'ETIMEDOUT' }])
    expect(utpDeadline(model)).toBe(Infinity)
  })

  it('shrinks to two packets after a timeout, and recovers', () => {
    write(4 * PAYLOAD)
    pass(1_000)
    expect(seqs().slice(4)).toEqual([65_533, 65_534])
    expect(model.window).toBe(2 * PACKET)
    hear({ ack: 65_534 })
    expect(seqs().slice(6)).toEqual([65_535, 0])
  })

  it('gives way where its packets queue', () => {
    write(1_000 * PAYLOAD)
    for (let i = 0; i < 40; i++) {
      now += 300
      hear({ ack: (model.nextSeq - 1) & 0xffff, timestampDifference: 1_000 + 250_000 * Math.min(1, i) })
    }
    expect(model.window).toBe(UTP_LIMITS.fewestPackets * PACKET)
  })

  it('never has more on its way than the peer has room for', () => {
    hear({ windowSize: 2_000 })
    write(10 * PAYLOAD)
    expect(model.inFlightBytes).toBeLessThanOrEqual(2_000)
    hear({ windowSize: 0, ack: (model.nextSeq - 1) & 0xffff })
    expect(model.inFlightBytes).toBe(0)
    const before = sent.length
    pass(UTP_LIMITS.probeMs)
    expect(sent.slice(before).map(({ payload }) => payload.length)).toEqual([1])
  })
})

describe('acknowledging', () => {
  it('is done for every second packet, and for one alone a little later', () => {
    const data = { type: UTP_TYPE.data, payload: new Uint8Array(5) } as const
    hear({ ...data, seq: 65_535 })
    expect(sent).toEqual([])
    hear({ ...data, seq: 0 })
    expect(sent.map(({ ack }) => ack)).toEqual([0])
    hear({ ...data, seq: 1 })
    pass(UTP_LIMITS.ackDelayMs)
    expect(sent.map(({ ack }) => ack)).toEqual([0, 1])
  })

  it('goes along with what is sent anyway', () => {
    hear({ type: UTP_TYPE.data, payload: new Uint8Array(5), seq: 65_535 })
    write(10)
    expect(sent.map(({ type, ack }) => [type, ack])).toEqual([[UTP_TYPE.data, 65_535]])
    pass(100)
    expect(sent.filter(({ type }) => type === UTP_TYPE.state)).toEqual([])
  })
})

describe('a reset', () => {
  const reset = (ack: number): void => {
    hear({ type: UTP_TYPE.reset, ack: ack & 0xffff })
  }
  /** Of all that there are, those that end the connection as it is now. */
  const believed = (): ReadonlyArray<number> => {
    const acks: number[] = []
    for (let ack = 0; ack <= 0xffff; ack++) {
      const tried: UtpModel = { ...model, early: [], effects: [] }
      utpTurn(tried, {
        _tag: 'Received',
        at: now,
        packet: {
          type: UTP_TYPE.reset,
          connectionId: 8,
          timestamp: 0,
          timestampDifference: 0,
          windowSize: 0,
          seq: 0,
          ack,
          sack: undefined,
          payload: new Uint8Array(0),
        },
      })
      if (tried.phase === 'closed') acks.push(ack)
    }
    return acks
  }

  it('is believed where it names a packet that we sent last, or the last that the peer took', () => {
    expect(believed()).toEqual([65_532, 65_533])
    hear({})
    write(4 * PAYLOAD)
    expect(model.nextSeq).toBe(1)
    expect(believed()).toEqual([0, 1, 65_532, 65_533, 65_534, 65_535])
    hear({ ack: 65_534 })
    expect(believed()).toEqual([0, 1, 65_534, 65_535])
  })

  it('ends the connection, and one that is made up does not', () => {
    write(PAYLOAD)
    reset(65_531)
    reset(65_535)
    reset(30_000)
    expect(others).toEqual([])
    reset(65_533)
    expect(others).toEqual([{ _tag: 'Closed', code: 'ECONNRESET' }])
  })

  it('of a dial names its SYN, and nothing else will do', () => {
    model = createUtpModel(
      { receiveId: 8, sendId: 9, firstSeq: 65_535, accepted: undefined, packetBytes: PACKET },
      now,
    )
    reset(65_535)
    feed({ _tag: 'Dial', at: now })
    expect(believed()).toEqual([65_535])
    reset(0)
    expect(model.phase).toBe('dialling')
    reset(65_535)
    expect(others).toEqual([{ _tag: 'Closed', code: 'ECONNREFUSED' }])
  })
})

describe('packets that come early', () => {
  const SHARE = UTP_LIMITS.earlyBytes / UTP_LIMITS.connections
  const early = (seq: number, bytes = PAYLOAD): void => {
    hear({ type: UTP_TYPE.data, payload: new Uint8Array(bytes), seq: seq & 0xffff })
  }
  const another = (): UtpModel =>
    createUtpModel(
      { receiveId: 8, sendId: 7, firstSeq: 65_533, accepted: { ack: 65_534 }, packetBytes: PACKET },
      now,
      model.earlyRoom,
    )
  const fill = (bytes: number): void => {
    for (let seq = 0; seq < UTP_LIMITS.packets - 1; seq++) early(seq, bytes)
  }

  it('take bounded room in all connections of a port together, and each has its part', () => {
    const all = Array.from({ length: 40 }, () => (model = another()))
    for (const its of all) {
      model = its
      fill(PAYLOAD)
    }
    const { earlyRoom } = model
    expect(all[0]?.earlyBytes).toBeGreaterThan(900 * 1024)
    expect(earlyRoom.bytes).toBeGreaterThan(UTP_LIMITS.earlyBytes)
    expect(earlyRoom.bytes).toBeLessThanOrEqual(UTP_LIMITS.earlyBytes + all.length * SHARE)
    expect(model.earlyPackets).toBe(Math.floor(SHARE / (PAYLOAD + UTP_LIMITS.earlyPacketBytes)))
    for (const its of all) {
      model = its
      feed({ _tag: 'Abandon', at: now })
    }
    expect([earlyRoom.bytes, all.some(({ early: kept }) => kept.length > 0)]).toEqual([0, false])
  })

  it('are no way around it where they are small, or empty', () => {
    for (let i = 0; i < 70; i++) {
      model = another()
      fill(i % 2)
    }
    expect(model.earlyRoom.bytes).toBeLessThanOrEqual(UTP_LIMITS.earlyBytes + 70 * SHARE)
    expect(model.earlyPackets).toBe(Math.floor(SHARE / (1 + UTP_LIMITS.earlyPacketBytes)))
  })

  it('are not told of where there was no room, and taken when they come again', () => {
    const honest = model
    for (let i = 0; i < 26; i++) {
      model = another()
      fill(PAYLOAD)
    }
    model = honest
    sent.length = 0
    for (let seq = 0; seq < 20; seq++) early(seq)
    const kept = Math.floor(SHARE / (PAYLOAD + UTP_LIMITS.earlyPacketBytes))
    expect(sent.at(-1)?.sack).toEqual(Uint8Array.of((1 << kept) - 1, 0, 0, 0))
    early(65_535)
    expect([model.ack, model.earlyPackets, model.earlyBytes]).toEqual([kept - 1, 0, 0])
    for (let seq = kept; seq < 20; seq++) early(seq)
    expect([model.ack, model.readyBytes]).toEqual([19, 21 * PAYLOAD])
  })

  it('give back what they took as their gap closes', () => {
    for (let seq = 0; seq < 50; seq++) early(seq, 1 + seq)
    hear({ type: UTP_TYPE.fin, seq: 50 })
    expect(model.earlyRoom.bytes).toBe(51 * UTP_LIMITS.earlyPacketBytes + (50 * 51) / 2)
    early(65_535)
    expect([model.earlyRoom.bytes, model.earlyPackets, model.endSeq]).toEqual([0, 0, 50])
  })
})

describe('ending', () => {
  it('sends what is queued, then a FIN, and closes when both directions have', () => {
    hear({})
    write(10)
    feed({ _tag: 'End', at: now })
    expect(sent.map(({ type }) => type)).toEqual([UTP_TYPE.data, UTP_TYPE.fin])
    hear({ ack: 65_534 })
    expect(others).toEqual([])
    hear({ type: UTP_TYPE.fin, seq: 65_535, ack: 65_534 })
    expect(others).toEqual([{ _tag: 'Closed', code: undefined }])
    expect(sent.at(-1)).toMatchObject({ type: UTP_TYPE.state, ack: 65_535 })
  })

  it('does not wait for a peer that never closes', () => {
    hear({})
    feed({ _tag: 'End', at: now })
    hear({ ack: 65_533 })
    pass(UTP_LIMITS.endMs)
    expect(others).toEqual([{ _tag: 'Closed', code: undefined }])
  })

  it('takes nothing more after its last effect', () => {
    feed({ _tag: 'Abandon', at: now })
    sent.length = 0
    write(10)
    hear({ type: UTP_TYPE.data, payload: new Uint8Array(1) })
    feed({ _tag: 'Abandon', at: now })
    expect([sent.length, others.length]).toEqual([0, 1])
  })
})
