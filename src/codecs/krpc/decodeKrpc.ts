import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import { pipe } from '#fp/function'
import { decodeBencode } from '../bencode/decodeBencode.js'
import type { BencodeDict } from '../bencode/value.js'
import { isBencodeDict, isBencodeList, isBencodeString } from '../bencode/value.js'
import { bytesField } from '../bencodeFields.js'
import { fromUtf8, toLatin1 } from '../bytes.js'
import type { DecodeError } from '../errors.js'
import { invalidField, showDecodeError } from '../errors.js'
import {
  MAX_KRPC_BYTES,
  MAX_KRPC_DEPTH,
  MAX_KRPC_TEXT,
  MAX_KRPC_TOKENS,
  MAX_TRANSACTION_BYTES,
} from '../limits.js'
import { plainText } from '../plainText.js'
import { decodeAnswer } from './decodeAnswer.js'
import { decodeQuery } from './decodeQuery.js'
import { decodeAddress } from './fields.js'
import { KrpcErrorCode } from './errorCode.js'
import type { KrpcError, KrpcMessage, KrpcRefusal } from './message.js'

/**
 * Reads one packet of the DHT. What is refused says what its sender may be told: 203 or 204, and only where the packet
 * was a query, so that two nodes never answer each other's errors.
 *
 * Optional fields that are not what they should be count as absent; queries of unknown methods that name a `target` or
 * an `info_hash` are `FindNode`, as BEP 5 wants it for what comes after it. Never throws.
 *
 * @example
 * ```ts
 * pipe(
 *   decodeKrpc(packet),
 *   E.match(({ reply }) => reply, (message) => (message._tag === 'KrpcQuery' ? answer(message) : undefined)),
 * )
 * ```
 */
export const decodeKrpc = (bytes: Uint8Array): Either<KrpcRefusal, KrpcMessage> =>
  pipe(
    decodeBencode(bytes, {
      maxBytes: MAX_KRPC_BYTES,
      maxDepth: MAX_KRPC_DEPTH,
      maxTokens: MAX_KRPC_TOKENS,
    }),
    E.chain(({ value }) =>
      isBencodeDict(value) ? E.right(value) : E.left(invalidField('', 'a dictionary', 0)),
    ),
    E.mapLeft(unanswered),
    E.chain((dict) => decodeMessage(dict, bytes)),
  )

const decodeMessage = (dict: BencodeDict, bytes: Uint8Array): Either<KrpcRefusal, KrpcMessage> => {
  const transaction = bytesField(dict, 't')
  if (transaction === undefined || transaction.length > MAX_TRANSACTION_BYTES) {
    return E.left(unanswered(invalidField('t', `at most ${String(MAX_TRANSACTION_BYTES)} bytes`)))
  }
  const envelope = { transaction, version: bytesField(dict, 'v') }
  const kind = bytesField(dict, 'y')
  switch (kind && toLatin1(kind)) {
    case 'q':
      return pipe(
        decodeQuery(dict, bytes),
        E.bimap(
          ({ code, error }): KrpcRefusal => ({
            _tag: 'KrpcRefusal',
            error,
            reply: { _tag: 'KrpcError', transaction, code, message: showDecodeError(error) },
          }),
          (query): KrpcMessage => ({ _tag: 'KrpcQuery', ...envelope, ...query }),
        ),
      )
    case 'r':
      return pipe(
        decodeAnswer(dict.get('r'), bytes),
        E.bimap(unanswered, (answer): KrpcMessage => ({
          _tag: 'KrpcResponse',
          ...envelope,
          ip: ownAddress(dict),
          answer,
        })),
      )
    case 'e':
      return E.right({ _tag: 'KrpcError', ...envelope, ip: ownAddress(dict), ...decodeFailure(dict) })
    default:
      return E.left(unanswered(invalidField('y', 'q, r or e')))
  }
}

const unanswered = (error: DecodeError): KrpcRefusal => ({ _tag: 'KrpcRefusal', error, reply: undefined })

const ownAddress = (dict: BencodeDict): KrpcError['ip'] => O.toUndefined(decodeAddress(dict.get('ip')))

/** An error says no, however badly it says why. */
const decodeFailure = (dict: BencodeDict): Pick<KrpcError, 'code' | 'message'> => {
  const parts = dict.get('e')
  const [code, message] = isBencodeList(parts) ? parts : [undefined, parts]
  return {
    code: typeof code === 'number' ? code : KrpcErrorCode.generic,
    message: isBencodeString(message) ? plainText(fromUtf8(message.subarray(0, MAX_KRPC_TEXT))) : '',
  }
}
