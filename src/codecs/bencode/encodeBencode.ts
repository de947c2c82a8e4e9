import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { toUtf8 } from '../bytes.js'
import { DICT, END, INTEGER, LIST } from './reader.js'
import type { BencodeInput, BencodeInputDict, BencodeInputList } from './value.js'

/** A value that bencode has no form for. */
export interface EncodeError {
  readonly _tag: 'EncodeError'
  readonly reason: 'not-an-integer' | 'integer-out-of-range' | 'key-not-a-byte-string'
}

/**
 * The one canonical form of a value: keys in byte order, integers in decimal. `Left` for fractions, `NaN`, numbers
 * beyond ±(2^53 − 1) (a bigint may be of any size) and keys with characters above U+00FF.
 *
 * Ours and not npm `bencode`'s: that one orders keys as text instead of bytes, drops bigints without a word, and takes
 * ten times as long for a large torrent. Where it is right, the tests hold the two equal.
 */
export const encodeBencode = (value: BencodeInput): Either<EncodeError, Uint8Array> => {
  const writer: Writer = { bytes: new Uint8Array(256), at: 0, failed: undefined }
  write(writer, value)
  return writer.failed === undefined ? E.right(writer.bytes.slice(0, writer.at)) : E.left(writer.failed)
}

interface Writer {
  bytes: Uint8Array
  at: number
  failed: EncodeError | undefined
}

// Recursive: what we encode is ours, or was decoded, and then it is at most 100 levels deep.
const write = (writer: Writer, value: BencodeInput): void => {
  if (typeof value === 'string') writeString(writer, toUtf8(value))
  else if (typeof value === 'number' || typeof value === 'bigint') writeInteger(writer, value)
  else if (value instanceof Uint8Array) writeString(writer, value)
  else if ('_tag' in value) append(writer, value.bytes)
  else if (isInputDict(value)) writeDict(writer, value)
  else {
    appendByte(writer, LIST)
    for (const item of value) write(writer, item)
    appendByte(writer, END)
  }
}

const isInputDict = (value: BencodeInputList | BencodeInputDict): value is BencodeInputDict =>
  value instanceof Map

const writeDict = (writer: Writer, dict: BencodeInputDict): void => {
  appendByte(writer, DICT)
  for (const [key, value] of inKeyOrder(dict)) {
    if (NOT_LATIN1.test(key)) writer.failed ??= { _tag: 'EncodeError', reason: 'key-not-a-byte-string' }
    appendLatin1(writer, `${String(key.length)}:`)
    appendLatin1(writer, key)
    write(writer, value)
  }
  appendByte(writer, END)
}

/** By UTF-16 units, which for byte strings is byte order. Most are written down in it: no copy of those. */
const inKeyOrder = (dict: BencodeInputDict): Iterable<readonly [string, BencodeInput]> => {
  let before = ''
  for (const key of dict.keys()) {
    if (key < before) return [...dict].sort(([a], [b]) => (a < b ? -1 : 1))
    before = key
  }
  return dict
}

const writeInteger = (writer: Writer, value: number | bigint): void => {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    const reason = Number.isInteger(value) ? 'integer-out-of-range' : 'not-an-integer'
    writer.failed ??= { _tag: 'EncodeError', reason }
  }
  appendByte(writer, INTEGER)
  appendLatin1(writer, String(value))
  appendByte(writer, END)
}

const writeString = (writer: Writer, bytes: Uint8Array): void => {
  appendLatin1(writer, `${String(bytes.length)}:`)
  append(writer, bytes)
}

const appendByte = (writer: Writer, byte: number): void => {
  reserve(writer, 1)
  writer.bytes[writer.at++] = byte
}

/** Characters above U+00FF lose their upper bits: a key with one has failed by then. */
const appendLatin1 = (writer: Writer, text: string): void => {
  reserve(writer, text.length)
  for (let i = 0; i < text.length; i++) writer.bytes[writer.at++] = text.charCodeAt(i)
}

const append = (writer: Writer, bytes: Uint8Array): void => {
  reserve(writer, bytes.length)
  writer.bytes.set(bytes, writer.at)
  writer.at += bytes.length
}

const reserve = (writer: Writer, count: number): void => {
  const needed = writer.at + count
  if (needed <= writer.bytes.length) return
  const larger = new Uint8Array(Math.max(needed, 2 * writer.bytes.length))
  larger.set(writer.bytes)
  writer.bytes = larger
}

const NOT_LATIN1 = /[\u0100-\uffff]/
