import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { equalBytes } from '../bytes.js'
import type { DecodeError } from '../errors.js'
import type { ListedFile } from './listedFile.js'
import type { Place } from './place.js'
import { invalid } from './place.js'
import { padPath } from './v1Files.js'

/**
 * The files of a v2 torrent with the pad files that put each next one at the start of a piece: what BEP 52 implies and
 * a hybrid torrent has written out. None behind the last file with data.
 */
export const alignFiles = (
  files: ReadonlyArray<ListedFile>,
  pieceLength: number,
): ReadonlyArray<ListedFile> => {
  const last = files.findLastIndex(({ length }) => length > 0)
  return files.flatMap((file, i) => {
    const excess = file.length % pieceLength
    if (excess === 0 || i >= last) return [file]
    const length = pieceLength - excess
    return [file, { ...PAD, path: padPath(length), length }]
  })
}

/**
 * The files of a hybrid torrent: the v1 list, with the roots of the v2 tree. Both must list the same files in the same
 * order, and the v1 list must start each at the start of a piece.
 */
export const mergeHybrid = (
  v1: ReadonlyArray<ListedFile>,
  v2: ReadonlyArray<ListedFile>,
  pieceLength: number,
  place: Place,
): Either<DecodeError, ReadonlyArray<ListedFile>> => {
  const inconsistent = (): Either<DecodeError, never> =>
    E.left(invalid(place, 'the same files in files and file tree'))
  const merged: ListedFile[] = []
  let offset = 0
  let next = 0
  for (const file of v1) {
    const twin = file.isPad ? file : v2[next++]
    if (twin === undefined || twin.length !== file.length || !isSamePath(twin.path, file.path))
      return inconsistent()
    if (!file.isPad && file.length > 0 && offset % pieceLength !== 0) return inconsistent()
    merged.push({ ...file, piecesRoot: twin.piecesRoot })
    offset += file.length
  }
  return next === v2.length ? E.right(merged) : inconsistent()
}

const isSamePath = (a: ReadonlyArray<Uint8Array>, b: ReadonlyArray<Uint8Array>): boolean =>
  a.length === b.length && a.every((element, i) => equalBytes(element, b[i]!))

const PAD = {
  isPad: true,
  isExecutable: false,
  isHidden: false,
  target: undefined,
  piecesRoot: undefined,
} as const
