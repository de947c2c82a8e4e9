import * as t from 'io-ts'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { DecodeError } from '../errors.js'
import { invalidField } from '../errors.js'
import type { BencodePath } from './showPath.js'
import { showPath } from './showPath.js'
import { spanAt } from './spanAt.js'
import type { BencodeDict } from './value.js'
import { isBencodeDict, isBencodeList, isBencodeString } from './value.js'

// io-ts codecs between decoded bencode and records. Their names finish the sentence "expected …".

const primitive = <A>(name: string, is: (u: unknown) => u is A): t.Type<A, A> =>
  new t.Type(name, is, (u, c) => (is(u) ? t.success(u) : t.failure(u, c)), t.identity)

/** A byte string, as a view of the document. */
export const Bytes = primitive('a byte string', isBencodeString)

export const Integer = primitive('an integer', (u): u is number => typeof u === 'number')

/** An integer in a range, both ends included. */
export const integerWithin = (min: number, max: number): t.Type<number, number> =>
  primitive(
    `an integer from ${String(min)} to ${String(max)}`,
    (u): u is number => typeof u === 'number' && u >= min && u <= max,
  )

/** A byte string of one length. */
export const bytesOf = (length: number): t.Type<Uint8Array, Uint8Array> =>
  primitive(`${String(length)} bytes`, (u): u is Uint8Array => u instanceof Uint8Array && u.length === length)

export const Dict = primitive('a dictionary', isBencodeDict)

/**
 * What a value is validated with at first: where it is in the whole is put together only once something in it is wrong.
 * Most is right, and a torrent may have a million fields.
 */
const NOWHERE: t.Context = []

const within = (c: t.Context, key: string | number, type: t.Mixed, actual: unknown): t.Context =>
  c === NOWHERE ? NOWHERE : t.appendContext(c, String(key), type, actual)

/** Ends at the first item that is wrong. What codecs leave as it was is not copied: lists may be long. */
export const list = <A, O>(item: t.Type<A, O>): t.Type<ReadonlyArray<A>, ReadonlyArray<O>> =>
  new t.Type(
    'a list',
    (u): u is ReadonlyArray<A> => Array.isArray(u) && u.every(item.is),
    (u, c) => {
      if (!isBencodeList(u)) return t.failure(u, c)
      let items: unknown[] | undefined
      for (let i = 0; i < u.length; i++) {
        const result = item.validate(u[i], within(c, i, item, u[i]))
        if (E.isLeft(result)) return result
        if (items === undefined && result.right !== u[i]) items = u.slice(0, i)
        items?.push(result.right)
      }
      return t.success((items ?? u) as ReadonlyArray<A>)
    },
    (items) => items.map(item.encode),
  )

/** Absent or right. */
export const optional = <A, O>(codec: t.Type<A, O>): t.Type<A | undefined, O | undefined> =>
  new t.Type(
    codec.name,
    (u): u is A | undefined => u === undefined || codec.is(u),
    (u, c) => (u === undefined ? t.success(undefined) : codec.validate(u, c)),
    (a) => (a === undefined ? undefined : codec.encode(a)),
  )

/** Absent where it is not right: for fields that nothing depends on. */
export const lenient = <A, O>(codec: t.Type<A, O>): t.Type<A | undefined, O | undefined> =>
  new t.Type(
    codec.name,
    (u): u is A | undefined => u === undefined || codec.is(u),
    (u, c) => E.orElse(() => t.success<A | undefined>(undefined))(codec.validate(u, c)),
    (a) => (a === undefined ? undefined : codec.encode(a)),
  )

type Fields<P extends t.Props> = { readonly [K in keyof P]: t.TypeOf<P[K]> }

/** A dictionary with these keys; it may have more, which are left out. */
export const dict = <P extends t.Props>(props: P): t.Type<Fields<P>, BencodeDict> => {
  const entries = Object.entries(props)
  return new t.Type(
    'a dictionary',
    (u): u is Fields<P> =>
      typeof u === 'object' && u !== null && entries.every(([key, codec]) => codec.is(Reflect.get(u, key))),
    (u, c) => {
      if (!isBencodeDict(u)) return t.failure(u, c)
      const fields: Record<string, unknown> = {}
      // By index: lists hold many dictionaries, and each step of an iterator is an object until this is optimized.
      for (let i = 0; i < entries.length; i++) {
        const key = entries[i]![0]
        const codec = entries[i]![1]
        const field = u.get(key)
        // Most optional fields are absent from most dictionaries.
        if (field === undefined && codec.is(undefined)) continue
        const result = codec.validate(field, within(c, key, codec, field)) as t.Validation<unknown>
        if (E.isLeft(result)) return result
        fields[key] = result.right
      }
      return t.success(fields as Fields<P>)
    },
    (fields) => {
      const encoded = new Map()
      for (const [key, codec] of entries) {
        const field: unknown = codec.encode(fields[key])
        if (field !== undefined) encoded.set(key, field)
      }
      return encoded
    },
  )
}

/**
 * Reads a decoded value with a codec. `path` leads from the start of `bytes` to the value and is only used to say where
 * an error is; the message holds nothing of the input.
 */
export const readFields = <A>(
  codec: t.Type<A, unknown>,
  value: unknown,
  bytes: Uint8Array,
  path: BencodePath = [],
): Either<DecodeError, A> => {
  const result = codec.validate(value, NOWHERE)
  return E.isRight(result)
    ? result
    : E.mapLeft((errors: t.Errors) => toDecodeError(errors, bytes, path))(codec.decode(value))
}

const toDecodeError = (errors: t.Errors, bytes: Uint8Array, path: BencodePath): DecodeError => {
  const context = errors[0]?.context ?? []
  const steps = context.slice(1).map(({ key }, i) => (Array.isArray(context[i]?.actual) ? Number(key) : key))
  const expected = context[context.length - 1]?.type.name ?? 'something else'
  return invalidAt(bytes, [...path, ...steps], expected)
}

/** An `InvalidField` for the value at `path`, or, where there is none, for the innermost value that should hold it. */
export const invalidAt = (bytes: Uint8Array, path: BencodePath, expected: string): DecodeError => {
  for (let depth = path.length; depth >= 0; depth--) {
    const span = spanAt(bytes, path.slice(0, depth))
    if (span !== undefined) return invalidField(showPath(path), expected, span.start)
  }
  return invalidField(showPath(path), expected)
}
