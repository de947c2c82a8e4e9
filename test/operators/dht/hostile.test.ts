import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { fromLatin1 } from '../../../src/codecs/bytes.js'
import { type MutableItem, signItem, targetOf } from '../../../src/codecs/dhtItem.js'
import { encodeKrpc, type KrpcMessage, type KrpcQueryBody } from '../../../src/codecs/krpc.js'
import { DHT_LIMITS } from '../../../src/operators/dht/limits.js'
import { createPrng } from '../../../src/operators/random.js'
import { dhtFixture, type DhtFixture, type SentPacket, TRANSACTION } from '../../support/dhtFixture.js'

const stranger = { host: '8.8.4.4', port: 6_881 }
const infohash = new Uint8Array(20).fill(5)
const FIND_NODE: KrpcQueryBody = { _tag: 'FindNode', target: infohash }

const answersIn = (packets: ReadonlyArray<SentPacket>): ReadonlyArray<SentPacket> =>
  packets.filter(({ message }) => message._tag !== 'KrpcQuery')

const tokenOf = (fixture: DhtFixture, from = stranger, target: Uint8Array = infohash): Uint8Array => {
  const [answer] = fixture.asked({ _tag: 'GetPeers', infohash: target }, from)
  if (answer?.message._tag !== 'KrpcResponse') throw new Error('there was no answer')
  return answer.message.answer.token ?? new Uint8Array()
}

const codeOf = (packets: ReadonlyArray<SentPacket>): number | undefined => {
  const message: KrpcMessage | undefined = packets[0]?.message
  return message?._tag === 'KrpcError' ? message.code : undefined
}

/** So many nodes, each in a network of its own, in the table. */
const crowded = (count: number): DhtFixture => {
  const fixture = dhtFixture()
  const prng = createPrng(3)
  for (let i = 0; i < count; i++) {
    const id = Uint8Array.from({ length: 20 }, () => prng.int(256))
    fixture.meet({ id, host: `9.${String(i)}.1.1`, port: 1 })
  }
  fixture.pass(5_000)
  return fixture
}

describe('R59: packets that are none', () => {
  test.prop([fc.uint8Array({ maxLength: 200 })], { numRuns: 2_000 })(
    'never throw, nor are answered',
    (bytes) => {
      const fixture = dhtFixture()
      expect(fixture.receives(bytes, stranger)).toEqual([])
    },
  )

  test.prop([fc.nat(200), fc.integer({ min: 0, max: 255 }), fc.boolean()], { numRuns: 2_000 })(
    'are answered at most once, where they look like a query',
    (at, byte, isQuery) => {
      const fixture = dhtFixture()
      const packet = encodeKrpc(
        isQuery
          ? { _tag: 'KrpcQuery', transaction: TRANSACTION, id: infohash, body: FIND_NODE }
          : { _tag: 'KrpcResponse', transaction: TRANSACTION, answer: { id: infohash } },
      )
      packet[at % packet.length] = byte
      expect(fixture.receives(packet, stranger).length).toBeLessThanOrEqual(
        isQuery ? 1 : byte === 0x71 ? 1 : 0,
      )
    },
  )

  it('are told 203 where something is missing in a query, and 204 of a method that there is not', () => {
    const fixture = dhtFixture()
    const id = 'x'.repeat(20)
    const noTarget = fromLatin1(`d1:ad2:id20:${id}e1:q9:find_node1:t2:aa1:y1:qe`)
    const noMethod = fromLatin1(`d1:ad2:id20:${id}e1:q4:vote1:t2:aa1:y1:qe`)
    expect(codeOf(fixture.receives(noTarget, stranger))).toBe(203)
    expect(codeOf(fixture.receives(noMethod, stranger))).toBe(204)
  })

  it('never lead to an answer to an answer, or to an error', () => {
    const fixture = dhtFixture()
    const answer: KrpcMessage = { _tag: 'KrpcResponse', transaction: TRANSACTION, answer: { id: infohash } }
    const error: KrpcMessage = { _tag: 'KrpcError', transaction: TRANSACTION, code: 203, message: 'no' }
    for (const message of [answer, error]) expect(fixture.receives(encodeKrpc(message), stranger)).toEqual([])
  })
})

describe('R60: a lever', () => {
  const queries: ReadonlyArray<KrpcQueryBody> = [
    { _tag: 'Ping' },
    { _tag: 'FindNode', target: infohash, want: ['n4', 'n6'] },
    { _tag: 'GetPeers', infohash, want: ['n4', 'n6'] },
    { _tag: 'GetPeers', infohash, scrape: true },
    { _tag: 'Get', target: infohash },
    { _tag: 'SampleInfohashes', target: infohash },
  ]

  it('is not to be had: no answer is more than eight times its query', () => {
    const fixture = crowded(40)
    for (let i = 0; i < 200; i++) {
      const from = { host: `7.1.${String(i)}.1`, port: 1 }
      fixture.asked(
        { _tag: 'AnnouncePeer', infohash, port: 1 + i, token: tokenOf(fixture, from), seed: i % 2 === 0 },
        from,
      )
      fixture.pass(500)
    }
    for (const [i, body] of queries.entries()) {
      const query = encodeKrpc({ _tag: 'KrpcQuery', transaction: TRANSACTION, id: infohash, body })
      const [answer] = answersIn(fixture.receives(query, { host: `6.1.${String(i)}.1`, port: 1 }))
      expect(answer?.bytes.length).toBeGreaterThan(50)
      expect(answer?.bytes.length).toBeLessThanOrEqual(8 * query.length)
    }
  })

  it('is not to be had by many either: 8 kB a second leave, and two seconds of it at once', () => {
    const fixture = crowded(40)
    const before = fixture.model.totals.answerBytesSent
    for (let second = 0; second < 10; second++) {
      for (let i = 0; i < 2_000; i++) {
        const host = `5.${String(i >> 8)}.${String(i & 255)}.${String(1 + (i % 200))}`
        fixture.asked(FIND_NODE, { host, port: 1 })
      }
      fixture.pass(1_000)
    }
    const sent = fixture.model.totals.answerBytesSent - before
    expect(sent).toBeGreaterThan(40_000)
    expect(sent).toBeLessThanOrEqual(16_384 + 10 * 8_000 + 8_000)
  })

  it('is not to be had by one address: fifty queries in ten seconds are looked at', () => {
    const fixture = dhtFixture()
    const answers = Array.from(
      { length: 500 },
      () => answersIn(fixture.asked({ _tag: 'Ping' }, stranger)).length,
    )
    expect(answers.reduce((a, b) => a + b, 0)).toBe(50)
  })

  it('is no read-only node: it answers nothing (BEP 43)', () => {
    const fixture = dhtFixture({ isReadOnly: true })
    for (const body of queries) expect(fixture.asked(body, stranger)).toEqual([])
    const [query] = fixture.command({ _tag: 'AddNodes', addresses: [stranger] }).concat(fixture.pass(500))
    expect(query?.message).toMatchObject({ _tag: 'KrpcQuery', isReadOnly: true })
  })

  it('does not ping all that a flood names', () => {
    const fixture = dhtFixture()
    for (let i = 0; i < 1_000; i++) {
      fixture.asked({ _tag: 'Ping' }, { host: `4.${String(i >> 8)}.${String(i & 255)}.1`, port: 1 })
    }
    expect(fixture.model.candidates.size).toBeLessThanOrEqual(DHT_LIMITS.candidates)
    const pings = fixture.pass(1_000).filter(({ message }) => message._tag === 'KrpcQuery')
    expect(pings.length).toBeLessThanOrEqual(2 * DHT_LIMITS.pingsPerTick)
  })
})

describe('R61: many nodes in one network', () => {
  it('have one place in a bucket', () => {
    const fixture = dhtFixture()
    const prng = createPrng(5)
    for (let i = 1; i < 255; i++) {
      const id = Uint8Array.from({ length: 20 }, () => prng.int(256))
      const from = { host: `8.8.8.${String(i)}`, port: 1 }
      fixture.asked({ _tag: 'Ping' }, from, { id })
      for (const { message, to, home } of fixture.pass(500)) {
        if (message._tag !== 'KrpcQuery') continue
        fixture.receives(
          encodeKrpc({ _tag: 'KrpcResponse', transaction: message.transaction, answer: { id } }),
          to,
          home,
        )
      }
    }
    for (const { nodes } of fixture.model.homes[0]!.table.buckets) expect(nodes.length).toBeLessThanOrEqual(1)
  })

  it('have one voice about our address', () => {
    const fixture = dhtFixture()
    for (let i = 1; i < 20; i++) {
      fixture.command({ _tag: 'AddNodes', addresses: [{ host: `8.8.8.${String(i)}`, port: 1 }] })
      for (const { message, to, home } of fixture.pass(500)) {
        if (message._tag !== 'KrpcQuery') continue
        const ip = { host: '1.2.3.4', port: 6_881 }
        const answer = { id: new Uint8Array(20).fill(i) }
        fixture.receives(
          encodeKrpc({ _tag: 'KrpcResponse', transaction: message.transaction, answer, ip }),
          to,
          home,
        )
      }
    }
    expect(fixture.model.homes[0]!.externalHost).toBeUndefined()
  })
})

describe('R62: tokens', () => {
  const announced = (fixture: DhtFixture, token: Uint8Array, from = stranger): number | undefined =>
    codeOf(fixture.asked({ _tag: 'AnnouncePeer', infohash, port: 1, token }, from))

  it('are good for who got them, and for what', () => {
    const fixture = dhtFixture()
    const token = tokenOf(fixture)
    expect(announced(fixture, token)).toBeUndefined()
    expect(announced(fixture, token, { host: '8.8.4.5', port: 6_881 })).toBe(203)
    expect(announced(fixture, new Uint8Array(8))).toBe(203)
    const other = tokenOf(fixture, stranger, new Uint8Array(20).fill(6))
    fixture.pass(1_000)
    expect(announced(fixture, other)).toBe(203)
  })

  it('are good for five minutes, and not after ten', () => {
    const fixture = dhtFixture()
    const token = tokenOf(fixture)
    fixture.pass(299_000)
    expect(announced(fixture, token)).toBeUndefined()
    fixture.pass(302_000)
    expect(announced(fixture, token)).toBe(203)
  })
})

describe('R64: answers of strangers', () => {
  it('are ignored from another address or port, or under another transaction', () => {
    const fixture = dhtFixture()
    fixture.command({ _tag: 'AddNodes', addresses: [stranger] })
    const ping = fixture.pass(500).find(({ to }) => to.host === stranger.host)
    if (ping?.message._tag !== 'KrpcQuery') throw new Error('there was no ping')
    const { transaction } = ping.message
    const answer = (of: Uint8Array): Uint8Array =>
      encodeKrpc({ _tag: 'KrpcResponse', transaction: of, answer: { id: infohash } })
    fixture.receives(answer(transaction), { ...stranger, port: 1 })
    fixture.receives(answer(transaction), { ...stranger, host: '8.8.4.5' })
    fixture.receives(answer(transaction.map((byte) => byte ^ 1)), stranger)
    expect(fixture.model.homes[0]!.table.byId.size).toBe(0)
    fixture.receives(answer(transaction), stranger)
    expect(fixture.model.homes[0]!.table.byId.size).toBe(1)
  })
})

describe('R65: items', () => {
  const seed = new Uint8Array(32).fill(3)
  const sign = (seq: number, v = '1:a'): MutableItem => signItem({ seed, seq, v: fromLatin1(v) })

  const put = (fixture: DhtFixture, item: MutableItem, cas?: number): number | undefined => {
    const token = tokenOf(fixture, stranger, targetOf(item))
    fixture.pass(1_000)
    return codeOf(fixture.asked({ _tag: 'Put', token, item, cas }, stranger))
  }

  it('are refused with the code that says why', () => {
    const fixture = dhtFixture()
    expect(put(fixture, sign(4))).toBeUndefined()
    expect(put(fixture, { ...sign(5), sig: new Uint8Array(64) })).toBe(206)
    expect(put(fixture, sign(3))).toBe(302)
    expect(put(fixture, sign(5), 3)).toBe(301)
    expect(put(fixture, sign(5), 4)).toBeUndefined()
    expect(put(fixture, sign(6, `1001:${'x'.repeat(1_001)}`))).toBe(205)
    expect(put(fixture, { ...sign(7), salt: new Uint8Array(65) })).toBe(207)
  })

  it('that are not what was asked for are not told', () => {
    const fixture = dhtFixture()
    const target = targetOf(sign(1))
    fixture.meet({ id: new Uint8Array(20).fill(1), host: '9.9.9.9', port: 1 })
    fixture.pass(10_000)
    const asked = fixture.begin(0, { _tag: 'FindItem', target, of: { k: sign(1).k, salt: new Uint8Array() } })
    const query = asked.find(({ message }) => message._tag === 'KrpcQuery' && message.body._tag === 'Get')
    if (query?.message._tag !== 'KrpcQuery') throw new Error('nobody was asked')
    const { k, sig, v } = sign(2)
    const answer = { id: new Uint8Array(20).fill(1), k, sig, v, seq: 3 }
    fixture.receives(
      encodeKrpc({ _tag: 'KrpcResponse', transaction: query.message.transaction, answer }),
      query.to,
    )
    expect(fixture.reports.filter(({ _tag }) => _tag === 'ItemFound')).toEqual([])
    expect(fixture.reports.filter(({ _tag }) => _tag === 'TaskDone')).toHaveLength(1)
  })
})
