import * as E from '#fp/Either'
import { pipe } from '#fp/function'
import * as t from 'io-ts'
import { HASH_LENGTH } from '../merkle.js'
import type { WireMessage as Message } from './message.js'
import { readMessage } from './read.js'
import { writeMessages } from './write.js'

const bytes = new t.Type<Uint8Array>(
  'Uint8Array',
  (u): u is Uint8Array => u instanceof Uint8Array,
  (u, context) => (u instanceof Uint8Array ? t.success(u) : t.failure(u, context)),
  t.identity,
)

const uint = (bits: 8 | 16 | 32): t.Type<number> => {
  const is = (u: unknown): u is number => t.Int.is(u) && u >= 0 && u < 2 ** bits
  return new t.Type(
    `uint${String(bits)}`,
    is,
    (u, context) => (is(u) ? t.success(u) : t.failure(u, context)),
    t.identity,
  )
}

const plain = <Tag extends string>(tag: Tag) => t.type({ _tag: t.literal(tag) })
const index = <Tag extends string>(tag: Tag) => t.type({ _tag: t.literal(tag), piece: uint(32) })
const block = <Tag extends string>(tag: Tag) =>
  t.type({ _tag: t.literal(tag), piece: uint(32), begin: uint(32), length: uint(32) })

const hash = new t.Type<Uint8Array>(
  'Uint8Array(32)',
  (u): u is Uint8Array => u instanceof Uint8Array && u.length === HASH_LENGTH,
  bytes.validate,
  t.identity,
)
const hashes = <Tag extends string>(tag: Tag) =>
  t.type({
    _tag: t.literal(tag),
    root: hash,
    baseLayer: uint(32),
    index: uint(32),
    length: uint(32),
    proofLayers: uint(32),
  })

const shape = t.union([
  plain('KeepAlive'),
  plain('Choke'),
  plain('Unchoke'),
  plain('Interested'),
  plain('NotInterested'),
  index('Have'),
  t.type({ _tag: t.literal('Bitfield'), bits: bytes }),
  block('Request'),
  t.type({ _tag: t.literal('Piece'), piece: uint(32), begin: uint(32), payload: bytes }),
  block('Cancel'),
  t.type({ _tag: t.literal('Port'), port: uint(16) }),
  index('SuggestPiece'),
  plain('HaveAll'),
  plain('HaveNone'),
  block('RejectRequest'),
  index('AllowedFast'),
  t.type({ _tag: t.literal('Extended'), id: uint(8), payload: bytes }),
  hashes('HashRequest'),
  t.intersection([hashes('Hashes'), t.type({ hashes: bytes })]),
  hashes('HashReject'),
  t.type({ _tag: t.literal('Unknown'), id: uint(8), length: uint(32) }),
])

/** A message of the peer wire. */
export type WireMessage = Message

/**
 * One whole message ⇄ its bytes, length prefix included. Decoded payloads are borrowed views of the input.
 * Streams are cut by `createFrameDecoder`, which agrees with this codec.
 *
 * @example
 * ```ts
 * WireMessage.decode(Uint8Array.of(0, 0, 0, 5, 4, 0, 0, 0, 7)) // right({ _tag: 'Have', piece: 7 })
 * ```
 */
export const WireMessage: t.Type<WireMessage, Uint8Array> = new t.Type<WireMessage, Uint8Array>(
  'WireMessage',
  (u): u is WireMessage => shape.is(u),
  (u, context) =>
    pipe(
      bytes.validate(u, context),
      E.chain((frame) =>
        pipe(
          readMessage(frame),
          E.fold((error) => t.failure(u, context, error._tag), t.success),
        ),
      ),
    ),
  (message) => writeMessages([message]),
)
