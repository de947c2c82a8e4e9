/**
 * Everything that can be wrong with bytes from outside. Values, never thrown.
 *
 * `path` names the place in the document (`info.files[3].length`), `offset` the byte, where it is known.
 */
export type DecodeError =
  | {
      readonly _tag: 'BencodeError'
      readonly reason: BencodeReason
      readonly offset: number
      readonly path: string
    }
  | {
      readonly _tag: 'InvalidField'
      readonly path: string
      readonly expected: string
      readonly offset: number | undefined
    }
  | {
      readonly _tag: 'LimitExceeded'
      readonly limit: string
      readonly allowed: number
      readonly actual: number
      readonly path: string
      readonly offset: number | undefined
    }

/** Why a bencoded document was refused. */
export type BencodeReason =
  | 'unexpected-end'
  | 'unexpected-byte'
  | 'non-canonical-integer'
  | 'integer-out-of-range'
  | 'non-canonical-length'
  | 'key-not-a-string'
  | 'missing-value'
  | 'duplicate-key'
  | 'trailing-bytes'

export const invalidField = (path: string, expected: string, offset?: number): DecodeError => ({
  _tag: 'InvalidField',
  path,
  expected,
  offset,
})

export const limitExceeded = (
  limit: string,
  allowed: number,
  actual: number,
  path: string,
  offset?: number,
): DecodeError => ({ _tag: 'LimitExceeded', limit, allowed, actual, path, offset })

export const bencodeError = (reason: BencodeReason, offset: number, path: string): DecodeError => ({
  _tag: 'BencodeError',
  reason,
  offset,
  path,
})

/** One line for a person. Never contains bytes of the input. */
export const showDecodeError = (error: DecodeError): string => {
  const place = error.path === '' ? '' : ` at ${error.path}`
  const offset = error.offset === undefined ? '' : ` (byte ${String(error.offset)})`
  switch (error._tag) {
    case 'BencodeError':
      return `not valid bencode: ${error.reason.replaceAll('-', ' ')}${place}${offset}`
    case 'InvalidField':
      return `expected ${error.expected}${place}${offset}`
    case 'LimitExceeded':
      return `${error.limit} is ${String(error.actual)}, more than the ${String(error.allowed)} allowed${place}${offset}`
  }
}
