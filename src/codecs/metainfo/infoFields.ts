import type * as t from 'io-ts'
import {
  Bytes,
  bytesOf,
  Dict,
  dict,
  Integer,
  integerWithin,
  lenient,
  list,
  optional,
} from '../bencode/fields.js'
import { MAX_PIECE_LENGTH, MAX_STREAM_LENGTH } from '../limits.js'

const FileLength = integerWithin(0, MAX_STREAM_LENGTH - 1)
const Path = list(Bytes)

/** One entry of `files` (BEP 3, attributes BEP 47). */
export const V1FileFields = dict({
  length: optional(FileLength),
  path: optional(Path),
  'path.utf-8': lenient(Path),
  attr: lenient(Bytes),
  'symlink path': optional(Path),
})
export type V1FileFields = t.TypeOf<typeof V1FileFields>

/** The dictionary below an empty key of `file tree` (BEP 52). */
export const V2FileFields = dict({
  length: optional(FileLength),
  'pieces root': optional(bytesOf(32)),
  attr: lenient(Bytes),
  'symlink path': optional(Path),
})
export type V2FileFields = t.TypeOf<typeof V2FileFields>

/** The `info` dictionary of all versions. */
export const InfoFields = dict({
  'file tree': optional(Dict),
  files: optional(list(V1FileFields)),
  length: optional(FileLength),
  'meta version': lenient(Integer),
  name: Bytes,
  'name.utf-8': lenient(Bytes),
  'piece length': integerWithin(1, MAX_PIECE_LENGTH),
  pieces: optional(Bytes),
  private: lenient(Integer),
})
export type InfoFields = t.TypeOf<typeof InfoFields>
