import type { BencodeDict } from './bencode/value.js'
import { isBencodeString } from './bencode/value.js'
import { fromUtf8 } from './bytes.js'

// Fields of dictionaries that peers and trackers send: what is absent or of another type is the same as not said.

/** An integer within [`min`, `max`]. */
export const integerField = (
  dict: BencodeDict,
  key: string,
  min: number,
  max: number = Number.MAX_SAFE_INTEGER,
): number | undefined => {
  const value = dict.get(key)
  return typeof value === 'number' && value >= min && value <= max ? value : undefined
}

/** A byte string, as a view of the document. */
export const bytesField = (dict: BencodeDict, key: string): Uint8Array | undefined => {
  const value = dict.get(key)
  return isBencodeString(value) ? value : undefined
}

/** Text for people: UTF-8, at most `maxLength` characters, control and direction characters as spaces. */
export const textField = (dict: BencodeDict, key: string, maxLength: number): string | undefined => {
  const bytes = bytesField(dict, key)
  if (bytes === undefined) return undefined
  // A character is at most four bytes long: no need to decode more than could be kept.
  return fromUtf8(bytes.subarray(0, 4 * maxLength))
    .replace(UNPRINTABLE, ' ')
    .slice(0, maxLength)
    .trim()
}

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
