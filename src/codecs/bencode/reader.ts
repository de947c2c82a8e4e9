import type { BencodeReason } from '../errors.js'

/** A place in the input. On failure `failed` says why and `at` points to what is wrong. */
export interface Reader {
  readonly bytes: Uint8Array
  at: number
  failed: BencodeReason | undefined
}

export const INTEGER = 0x69
export const LIST = 0x6c
export const DICT = 0x64
export const END = 0x65
const MINUS = 0x2d
const COLON = 0x3a
const ZERO = 0x30

export const isDigit = (byte: number): boolean => byte >= ZERO && byte <= ZERO + 9

/** A string, as a view of the input. `at` must be on a digit. */
export const readString = (reader: Reader): Uint8Array => {
  const length = passString(reader)
  // One object for all empty strings: a list of millions of them must not cost millions of views.
  if (length === 0) return EMPTY
  const { buffer, byteOffset } = reader.bytes
  return new Uint8Array(buffer, byteOffset + reader.at - length, length)
}

/** Goes behind a string, and answers its length; 0 on failure. `at` must be on a digit. */
export const passString = (reader: Reader): number => {
  const { bytes } = reader
  const start = reader.at
  const length = readDigits(reader)
  if (reader.failed !== undefined) {
    if (reader.failed === 'non-canonical-integer') reader.failed = 'non-canonical-length'
    else if (reader.failed === 'integer-out-of-range') reader.failed = 'unexpected-end'
    return 0
  }
  if (reader.at >= bytes.length) return fail(reader, 'unexpected-end', bytes.length)
  if (bytes[reader.at] !== COLON) return fail(reader, 'unexpected-byte', reader.at)
  const first = reader.at + 1
  if (length > bytes.length - first) return fail(reader, 'unexpected-end', start)
  reader.at = first + length
  return length
}

/** An integer. `at` must be on its `i`. */
export const readInteger = (reader: Reader): number => {
  const { bytes } = reader
  const start = reader.at
  const isNegative = bytes[start + 1] === MINUS
  reader.at = start + (isNegative ? 2 : 1)
  const first = reader.at
  if (first < bytes.length && !isDigit(bytes[first]!))
    return fail(reader, bytes[first] === END ? 'non-canonical-integer' : 'unexpected-byte', first)
  const value = readDigits(reader)
  if (reader.failed !== undefined) return 0
  if (reader.at >= bytes.length) fail(reader, 'unexpected-end', bytes.length)
  else if (bytes[reader.at] !== END) fail(reader, 'unexpected-byte', reader.at)
  else if (isNegative && value === 0) fail(reader, 'non-canonical-integer', start)
  else if (value > Number.MAX_SAFE_INTEGER) fail(reader, 'integer-out-of-range', start)
  else reader.at++
  return isNegative ? -value : value
}

/** Digits without a leading zero; at most 20 are looked at. Exact up to 2^53, too large beyond, never too small. */
const readDigits = (reader: Reader): number => {
  const { bytes } = reader
  const start = reader.at
  let at = start
  let value = 0
  for (; at < bytes.length && isDigit(bytes[at]!); at++) {
    if (at - start === MAX_DIGITS) return fail(reader, 'integer-out-of-range', start)
    value = value * 10 + (bytes[at]! - ZERO)
  }
  if (at - start > 1 && bytes[start] === ZERO) return fail(reader, 'non-canonical-integer', start)
  reader.at = at
  return value
}

const fail = (reader: Reader, reason: BencodeReason, at: number): 0 => {
  reader.failed = reason
  reader.at = at
  return 0
}

const MAX_DIGITS = 20
const EMPTY = new Uint8Array(0)
