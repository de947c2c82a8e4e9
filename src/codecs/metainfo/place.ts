import type { BencodePath } from '../bencode.js'
import { spanAt } from '../bencode.js'
import { invalidAt } from '../bencode/fields.js'
import { showPath } from '../bencode/showPath.js'
import type { DecodeError } from '../errors.js'
import { limitExceeded } from '../errors.js'

/** A value in the document that is being read, for errors to point at. */
export interface Place {
  readonly bytes: Uint8Array
  readonly path: BencodePath
}

export const below = (place: Place, ...steps: BencodePath): Place => ({
  bytes: place.bytes,
  path: [...place.path, ...steps],
})

export const invalid = (place: Place, expected: string): DecodeError =>
  invalidAt(place.bytes, place.path, expected)

export const overLimit = (place: Place, limit: string, allowed: number, actual: number): DecodeError =>
  limitExceeded(limit, allowed, actual, showPath(place.path), spanAt(place.bytes, place.path)?.start)
