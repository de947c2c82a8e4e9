import { fc } from '@fast-check/vitest'
import type { DhtNode } from '../../../src/codecs/compactNodes.js'
import type { DhtItem } from '../../../src/codecs/dhtItem.js'
import type { KrpcAnswer, KrpcMessage, KrpcQueryBody, NodeFamily } from '../../../src/codecs/krpc.js'
import type { PeerAddress } from '../../../src/codecs/peerAddress.js'
import { formatIp } from '../../../src/codecs/ipAddress.js'
import * as O from '#fp/Option'
import { bencode } from '../../support/bencode.js'

export const bytesOf = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length })

const bytesUpTo = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength: length })

const absent = <A>(arbitrary: fc.Arbitrary<A>): fc.Arbitrary<A | undefined> =>
  fc.option(arbitrary, { nil: undefined })

const count = fc.maxSafeNat()

export const anyAddress = (length: 4 | 16): fc.Arbitrary<PeerAddress> =>
  fc.record({
    host: bytesOf(length).map((ip) => O.getOrElse(() => '')(formatIp(ip))),
    port: fc.integer({ min: 1, max: 0xffff }),
  })

const eitherAddress = fc.oneof(anyAddress(4), anyAddress(16))

export const anyNode = (length: 4 | 16): fc.Arbitrary<DhtNode> =>
  fc.tuple(bytesOf(20), anyAddress(length)).map(([id, address]) => ({ id, ...address }))

/** A bencoded value. */
export const anyValue: fc.Arbitrary<Uint8Array> = fc
  .oneof(count, bytesUpTo(50), fc.array(count, { maxLength: 5 }), fc.record({ ih: bytesOf(20) }))
  .map((value) => new Uint8Array(bencode(value)))

export const anyItem: fc.Arbitrary<DhtItem> = fc.oneof(
  fc.record({ _tag: fc.constant('ImmutableItem'), v: anyValue }),
  fc.record({
    _tag: fc.constant('MutableItem'),
    v: anyValue,
    k: bytesOf(32),
    salt: bytesUpTo(80),
    seq: count,
    sig: bytesOf(64),
  }),
)

const want = absent(fc.constantFrom<ReadonlyArray<NodeFamily>>(['n4'], ['n6'], ['n4', 'n6']))

const body: fc.Arbitrary<KrpcQueryBody> = fc.oneof(
  fc.record({ _tag: fc.constant('Ping') }),
  fc.record({ _tag: fc.constant('FindNode'), target: bytesOf(20), want }),
  fc.record({
    _tag: fc.constant('GetPeers'),
    infohash: bytesOf(20),
    want,
    noSeed: fc.boolean(),
    scrape: fc.boolean(),
  }),
  fc
    .record({
      _tag: fc.constant('AnnouncePeer'),
      infohash: bytesOf(20),
      port: fc.integer({ min: 1, max: 0xffff }),
      impliedPort: fc.boolean(),
      token: bytesUpTo(64),
      seed: fc.boolean(),
    })
    .map((announce) => (announce.impliedPort && announce.seed ? { ...announce, port: 0 } : announce)),
  fc.record({ _tag: fc.constant('Get'), target: bytesOf(20), seq: absent(count), want }),
  fc
    .record({ _tag: fc.constant('Put'), token: bytesUpTo(64), item: anyItem, cas: absent(count) })
    .map((put) => (put.item._tag === 'ImmutableItem' ? { ...put, cas: undefined } : put)),
  fc.record({ _tag: fc.constant('SampleInfohashes'), target: bytesOf(20), want }),
)

const answer: fc.Arbitrary<KrpcAnswer> = fc.record({
  id: bytesOf(20),
  nodes: absent(fc.array(anyNode(4), { maxLength: 8 })),
  nodes6: absent(fc.array(anyNode(16), { maxLength: 8 })),
  values: absent(fc.array(eitherAddress, { maxLength: 20 })),
  token: absent(bytesUpTo(64)),
  BFsd: absent(bytesOf(256)),
  BFpe: absent(bytesOf(256)),
  v: absent(anyValue),
  k: absent(bytesOf(32)),
  sig: absent(bytesOf(64)),
  seq: absent(count),
  interval: absent(fc.nat({ max: 21_600 })),
  num: absent(count),
  samples: absent(fc.array(bytesOf(20), { maxLength: 10 })),
})

const envelope = { transaction: bytesUpTo(32), version: absent(bytesOf(4)) }
const ip = absent(eitherAddress)
const text = fc.string({ maxLength: 40 })

/** Any message that can be written. */
export const anyMessage: fc.Arbitrary<KrpcMessage> = fc.oneof(
  fc.record({ _tag: fc.constant('KrpcQuery'), ...envelope, id: bytesOf(20), isReadOnly: fc.boolean(), body }),
  fc.record({ _tag: fc.constant('KrpcResponse'), ...envelope, ip, answer }),
  fc.record({ _tag: fc.constant('KrpcError'), ...envelope, ip, code: count, message: text }),
)
