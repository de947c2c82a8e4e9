import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { toUtf8 } from '../bytes.js'
import type { DecodeError } from '../errors.js'
import type { InfoFields, V1FileFields } from './infoFields.js'
import type { ListedFile } from './listedFile.js'
import { hasAttribute } from './listedFile.js'
import type { Place } from './place.js'
import { below, invalid } from './place.js'

/** The files of `length` or `files` (BEP 3), exactly one of which there must be, in order. */
export const v1Files = (info: InfoFields, place: Place): Either<DecodeError, ReadonlyArray<ListedFile>> => {
  const { files, length } = info
  if (files === undefined) {
    return length === undefined
      ? E.left(invalid(below(place, 'length'), 'a length, or files'))
      : E.right([{ ...PLAIN, path: [], length }])
  }
  if (length !== undefined) return E.left(invalid(below(place, 'length'), 'no length beside files'))
  if (files.length === 0) return E.left(invalid(below(place, 'files'), 'at least one file'))
  return E.traverseArrayWithIndex((i, file: V1FileFields) => v1File(file, i, place))(files)
}

const v1File = (file: V1FileFields, index: number, info: Place): Either<DecodeError, ListedFile> => {
  const target = hasAttribute(file.attr, 'l') ? file['symlink path'] : undefined
  const length = target === undefined ? file.length : 0
  if (length === undefined) return E.left(invalid(below(info, 'files', index, 'length'), 'a length'))
  const isMarked = hasAttribute(file.attr, 'p')
  const path = pathOf(file) ?? (isMarked ? padPath(length) : undefined)
  if (path === undefined) return E.left(invalid(below(info, 'files', index, 'path'), 'at least one element'))
  return E.right({
    path,
    length,
    isPad: isMarked || isBitCometPad(path),
    isExecutable: hasAttribute(file.attr, 'x'),
    isHidden: hasAttribute(file.attr, 'h'),
    target,
    piecesRoot: undefined,
  })
}

const pathOf = ({ path, 'path.utf-8': inUtf8 }: V1FileFields): ReadonlyArray<Uint8Array> | undefined =>
  inUtf8 !== undefined && inUtf8.length > 0
    ? inUtf8
    : path !== undefined && path.length > 0
      ? path
      : undefined

/** What BEP 47 recommends to call a pad file. */
export const padPath = (length: number): ReadonlyArray<Uint8Array> => [toUtf8('.pad'), toUtf8(String(length))]

/** BitComet's pad files are older than the attribute. */
const isBitCometPad = (path: ReadonlyArray<Uint8Array>): boolean => {
  const name = path[path.length - 1]
  return name !== undefined && BITCOMET_PAD.every((byte, i) => name[i] === byte)
}

const BITCOMET_PAD = toUtf8('_____padding_file_')

const PLAIN = {
  isPad: false,
  isExecutable: false,
  isHidden: false,
  target: undefined,
  piecesRoot: undefined,
} as const
