import * as t from 'io-ts'
import * as E from '#fp/Either'
import { showDecodeError } from '../errors.js'
import { decodeBencode } from './decodeBencode.js'
import { encodeBencode } from './encodeBencode.js'
import type { BencodeValue } from './value.js'
import { isBencodeDict, isBencodeList, isBencodeString } from './value.js'

const isValue = (u: unknown): u is BencodeValue =>
  typeof u === 'number'
    ? Number.isSafeInteger(u)
    : isBencodeString(u) ||
      (isBencodeList(u) && u.every(isValue)) ||
      (isBencodeDict(u) && [...u.values()].every(isValue))

/** `decodeBencode` and `encodeBencode` as an io-ts codec, to compose with others. Its errors are one line of text. */
export const Bencode: t.Type<BencodeValue, Uint8Array> = new t.Type(
  'bencode',
  isValue,
  (u, context) => {
    if (!isBencodeString(u)) return t.failure(u, context, 'expected a byte string')
    const decoded = decodeBencode(u)
    return E.isRight(decoded)
      ? t.success(decoded.right.value)
      : t.failure(u, context, showDecodeError(decoded.left))
  },
  (value) =>
    E.getOrElse((): Uint8Array => {
      throw new RangeError('not a bencode value')
    })(encodeBencode(value)),
)
