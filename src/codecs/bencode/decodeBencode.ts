import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { toLatin1 } from '../bytes.js'
import type { BencodeReason, DecodeError } from '../errors.js'
import { bencodeError, limitExceeded } from '../errors.js'
import { MAX_BENCODE_DEPTH, MAX_BENCODE_TOKENS, MAX_TORRENT_BYTES } from '../limits.js'
import type { Reader } from './reader.js'
import { DICT, END, INTEGER, isDigit, LIST, readInteger, readString } from './reader.js'
import { showPath } from './showPath.js'
import type { BencodeValue } from './value.js'

export interface BencodeDocument {
  readonly value: BencodeValue
  /** Where the value ended: the length of the input, unless `allowTrailing`. */
  readonly end: number
  /** False when the keys of some dictionary are not in byte order. */
  readonly isCanonical: boolean
}

export interface BencodeOptions {
  /** Length of the input. Default 10 MB. */
  readonly maxBytes?: number
  /** Lists and dictionaries inside each other. Default 100. */
  readonly maxDepth?: number
  /** Values and keys, a dictionary counted as four: its memory. Default 3 000 000. */
  readonly maxTokens?: number
  /** Takes the first value and leaves the rest, as `ut_metadata` needs it (BEP 9); see `end`. */
  readonly allowTrailing?: boolean
}

/**
 * Decodes one bencoded value, strictly: integers and lengths in their only form, integers within ±(2^53 − 1), no
 * duplicate keys, nothing behind the value. Keys out of order are let through and reported by `isCanonical`.
 *
 * Never throws, does not recurse, and checks every length against what is left before it acts on it. Strings are views
 * of `bytes`, not copies. `spanAt` tells where a value lies.
 *
 * @example
 * ```ts
 * pipe(decodeBencode(bytes), E.map(({ value }) => isBencodeDict(value) && value.get('info')))
 * ```
 */
export const decodeBencode = (
  bytes: Uint8Array,
  options: BencodeOptions = {},
): Either<DecodeError, BencodeDocument> => {
  const {
    maxBytes = MAX_TORRENT_BYTES,
    maxDepth = MAX_BENCODE_DEPTH,
    maxTokens = MAX_BENCODE_TOKENS,
  } = options
  if (bytes.length > maxBytes) return E.left(limitExceeded('size', maxBytes, bytes.length, ''))
  const open: Container[] = []
  const pathHere = (): string => showPath(open.flatMap(step))
  const fail = (reason: BencodeReason, at: number): Either<DecodeError, never> =>
    E.left(bencodeError(reason, at, pathHere()))

  const reader: Reader = { bytes, at: 0, failed: undefined }
  let tokens = 0
  let isCanonical = true
  for (;;) {
    if (reader.at >= bytes.length) return fail('unexpected-end', bytes.length)
    const start = reader.at
    const byte = bytes[start]!
    if (byte !== END) tokens += byte === DICT ? DICT_TOKENS : 1
    if (tokens > maxTokens) {
      return E.left(limitExceeded('tokens', maxTokens, tokens, pathHere(), start))
    }
    const parent = open[open.length - 1]

    if (parent?._tag === 'Dict' && parent.key === undefined && byte !== END) {
      if (!isDigit(byte)) return fail('key-not-a-string', start)
      const key = toLatin1(readString(reader))
      if (reader.failed !== undefined) return fail(reader.failed, reader.at)
      if (parent.greatest === undefined || key > parent.greatest) parent.greatest = key
      else if (parent.value.has(key)) return fail('duplicate-key', start)
      else isCanonical = false
      parent.key = key
      continue
    }

    let value: BencodeValue
    if (isDigit(byte)) value = readString(reader)
    else if (byte === INTEGER) value = readInteger(reader)
    else if (byte === LIST || byte === DICT) {
      if (open.length >= maxDepth) {
        return E.left(limitExceeded('depth', maxDepth, open.length + 1, pathHere(), start))
      }
      open.push(byte === LIST ? { _tag: 'List', value: [] } : newDict())
      reader.at++
      continue
    } else if (byte === END && parent !== undefined) {
      if (parent._tag === 'Dict' && parent.key !== undefined) return fail('missing-value', start)
      open.pop()
      reader.at++
      value = parent.value
    } else return fail('unexpected-byte', start)
    if (reader.failed !== undefined) return fail(reader.failed, reader.at)

    const owner = open[open.length - 1]
    if (owner === undefined) {
      const end = reader.at
      return end < bytes.length && options.allowTrailing !== true
        ? fail('trailing-bytes', end)
        : E.right({ value, end, isCanonical })
    }
    if (owner._tag === 'List') owner.value.push(value)
    else {
      owner.value.set(owner.key!, value)
      owner.key = undefined
    }
  }
}

const DICT_TOKENS = 4

/** A list or dictionary whose end has not come yet. */
type Container =
  | { readonly _tag: 'List'; readonly value: BencodeValue[] }
  | {
      readonly _tag: 'Dict'
      readonly value: Map<string, BencodeValue>
      /** The key that waits for its value. */
      key: string | undefined
      greatest: string | undefined
    }

const newDict = (): Container => ({ _tag: 'Dict', value: new Map(), key: undefined, greatest: undefined })

const step = (container: Container): ReadonlyArray<string | number> => {
  if (container._tag === 'List') return [container.value.length]
  return container.key === undefined ? [] : [container.key]
}
