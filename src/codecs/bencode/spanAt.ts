import { equalBytes, fromLatin1 } from '../bytes.js'
import type { Reader } from './reader.js'
import { DICT, END, INTEGER, isDigit, LIST, passString, readInteger, readString } from './reader.js'
import type { BencodePath } from './showPath.js'

/** A range of bytes, the end not counted. */
export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * Where the value at `path` lies in a document that `decodeBencode` has accepted; `undefined` if there is none. What
 * has to be hashed as it was written (`info`, BEP 44 values) is cut out with it: encoding again gives other bytes
 * whenever the document was not canonical. Walks the bytes, in one pass; nothing is kept for it while decoding.
 */
export const spanAt = (bytes: Uint8Array, path: BencodePath): Span | undefined => {
  const reader: Reader = { bytes, at: 0, failed: undefined }
  for (const step of path) {
    const isFound = typeof step === 'number' ? enterList(reader, step) : enterDict(reader, fromLatin1(step))
    if (!isFound) return undefined
  }
  const start = reader.at
  skipValue(reader)
  return { start, end: reader.at }
}

const enterList = (reader: Reader, index: number): boolean => {
  if (reader.bytes[reader.at] !== LIST) return false
  reader.at++
  for (let i = 0; i < index && reader.bytes[reader.at] !== END; i++) skipValue(reader)
  return reader.bytes[reader.at] !== END
}

const enterDict = (reader: Reader, key: Uint8Array): boolean => {
  if (reader.bytes[reader.at] !== DICT) return false
  reader.at++
  while (reader.bytes[reader.at] !== END) {
    if (equalBytes(readString(reader), key)) return true
    skipValue(reader)
  }
  return false
}

/** Keys and values look alike when nothing has to be checked: only depth counts. */
const skipValue = (reader: Reader): void => {
  let depth = 0
  do {
    const byte = reader.bytes[reader.at]!
    if (isDigit(byte)) passString(reader)
    else if (byte === INTEGER) readInteger(reader)
    else {
      depth += byte === END ? -1 : 1
      reader.at++
    }
  } while (depth > 0 && reader.at < reader.bytes.length)
}
