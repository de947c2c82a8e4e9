import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import type { ReadError } from './readError.js'

/** Bytes of a file, the end exclusive; from its first, to its last, where absent. */
export interface ByteRange {
  readonly start?: number
  readonly end?: number
}

/** Bytes of the torrent's stream, the end exclusive. */
export interface Stretch {
  readonly start: number
  readonly end: number
}

/** Where in the stream a range of a file lies. */
export const stretchOf = (
  { files }: Metainfo,
  index: number,
  range: ByteRange = {},
): Either<ReadError, Stretch> => {
  const file = files[index]
  if (file === undefined) return E.left({ _tag: 'NoSuchFile', index })
  const { start = 0, end = file.length } = range
  const isRight =
    Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end && end <= file.length
  return isRight
    ? E.right({ start: file.offset + start, end: file.offset + end })
    : E.left({ _tag: 'BadRange', start, end, length: file.length })
}
