import { fc } from '@fast-check/vitest'
import type { WireMessage } from '../../../src/codecs/wire/message.js'

const uint32 = fc.nat({ max: 0xffffffff })
const plain = (
  tag: 'KeepAlive' | 'Choke' | 'Unchoke' | 'Interested' | 'NotInterested' | 'HaveAll' | 'HaveNone',
) => fc.constant<WireMessage>({ _tag: tag })
const index = (tag: 'Have' | 'SuggestPiece' | 'AllowedFast'): fc.Arbitrary<WireMessage> =>
  uint32.map((piece) => ({ _tag: tag, piece }))
const block = (tag: 'Request' | 'Cancel' | 'RejectRequest'): fc.Arbitrary<WireMessage> =>
  fc.record({ piece: uint32, begin: uint32, length: uint32 }).map((fields) => ({ _tag: tag, ...fields }))
const range = fc.record({
  root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  baseLayer: uint32,
  index: uint32,
  length: uint32,
  proofLayers: uint32,
})
const bytes = (min: number, max: number) => fc.uint8Array({ minLength: min, maxLength: max })

/** Any message that can be written. */
export const anyMessage: fc.Arbitrary<WireMessage> = fc.oneof(
  plain('KeepAlive'),
  plain('Choke'),
  plain('Unchoke'),
  plain('Interested'),
  plain('NotInterested'),
  plain('HaveAll'),
  plain('HaveNone'),
  index('Have'),
  index('SuggestPiece'),
  index('AllowedFast'),
  block('Request'),
  block('Cancel'),
  block('RejectRequest'),
  bytes(0, 80).map((bits): WireMessage => ({ _tag: 'Bitfield', bits })),
  fc
    .tuple(uint32, uint32, bytes(0, 200))
    .map(([piece, begin, payload]): WireMessage => ({ _tag: 'Piece', piece, begin, payload })),
  fc.nat({ max: 0xffff }).map((port): WireMessage => ({ _tag: 'Port', port })),
  fc
    .tuple(fc.nat({ max: 255 }), bytes(0, 80))
    .map(([id, payload]): WireMessage => ({ _tag: 'Extended', id, payload })),
  range.map((fields): WireMessage => ({ _tag: 'HashRequest', ...fields })),
  range.map((fields): WireMessage => ({ _tag: 'HashReject', ...fields })),
  fc.tuple(range, fc.integer({ min: 1, max: 4 })).map(([fields, count]): WireMessage => ({
    _tag: 'Hashes',
    ...fields,
    hashes: new Uint8Array(32 * count).fill(count),
  })),
)

/** A message of an id that means nothing to us, with its bytes. */
export const anyUnknown: fc.Arbitrary<{ readonly message: WireMessage; readonly bytes: Uint8Array }> = fc
  .tuple(fc.constantFrom(10, 11, 12, 18, 19, 24, 99, 255), bytes(0, 60))
  .map(([id, payload]) => {
    const length = payload.length + 1
    return { message: { _tag: 'Unknown', id, length }, bytes: Uint8Array.of(0, 0, 0, length, id, ...payload) }
  })
