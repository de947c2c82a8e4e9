import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { BencodeDict, BencodeValue } from '../bencode.js'
import { isBencodeDict } from '../bencode.js'
import { readFields } from '../bencode/fields.js'
import { equalBytes, fromLatin1 } from '../bytes.js'
import type { DecodeError } from '../errors.js'
import { MAX_DIRECTORY_DEPTH, MAX_PATH_ELEMENTS } from '../limits.js'
import type { InfoFields } from './infoFields.js'
import { V2FileFields } from './infoFields.js'
import type { ListedFile } from './listedFile.js'
import { hasAttribute } from './listedFile.js'
import type { Place } from './place.js'
import { below, invalid, overLimit } from './place.js'

/**
 * The files of `file tree` (BEP 52), in order. A tree of one file that has the torrent's own name is a single-file
 * torrent. No pad files: those are implied (`alignFiles`).
 */
export const v2Files = (info: InfoFields, place: Place): Either<DecodeError, ReadonlyArray<ListedFile>> => {
  const tree = info['file tree']
  if (tree === undefined) return E.left(invalid(below(place, 'file tree'), 'a dictionary'))
  const found: Found = { files: [], elements: 0 }
  const error = walk(tree, [], below(place, 'file tree'), found)
  if (error !== undefined) return E.left(error)
  const { files } = found
  const [first] = files
  if (first === undefined) return E.left(invalid(below(place, 'file tree'), 'at least one file'))
  const isSingle = files.length === 1 && first.path.length === 1 && equalBytes(first.path[0]!, info.name)
  return E.right(isSingle ? [{ ...first, path: [] }] : files)
}

interface Found {
  readonly files: ListedFile[]
  /** Path elements of all files. */
  elements: number
}

// Recursive: the decoder lets nothing deeper than 100 levels through.
const walk = (
  directory: BencodeDict,
  path: ReadonlyArray<Uint8Array>,
  place: Place,
  found: Found,
): DecodeError | undefined => {
  if (path.length >= MAX_DIRECTORY_DEPTH) {
    return overLimit(place, 'directory depth', MAX_DIRECTORY_DEPTH, path.length + 1)
  }
  let last: string | undefined
  for (const [key, child] of directory) {
    // The order of the pieces is the order of the keys: it has to be the one that everyone else sees.
    if (last !== undefined && key < last) return invalid(place, 'keys in byte order')
    last = key
    const error = walkEntry(key, child, path, below(place, key), found)
    if (error !== undefined) return error
  }
  return undefined
}

const walkEntry = (
  key: string,
  child: BencodeValue,
  parent: ReadonlyArray<Uint8Array>,
  place: Place,
  found: Found,
): DecodeError | undefined => {
  if (key === '') return invalid(place, 'a name')
  if (!isBencodeDict(child)) return invalid(place, 'a dictionary')
  const path = [...parent, fromLatin1(key)]
  if (!child.has('')) return walk(child, path, place, found)
  if (child.size !== 1) return invalid(place, 'either a file or a directory')
  const file = v2File(child.get('')!, path, below(place, ''))
  if (E.isLeft(file)) return file.left
  found.files.push(file.right)
  found.elements += path.length
  // The tree writes a directory once; the files in it each repeat its path.
  if (found.elements > MAX_PATH_ELEMENTS) {
    return overLimit(place, 'path elements', MAX_PATH_ELEMENTS, found.elements)
  }
  return undefined
}

const v2File = (
  value: BencodeValue,
  path: ReadonlyArray<Uint8Array>,
  place: Place,
): Either<DecodeError, ListedFile> => {
  const fields = readFields(V2FileFields, value, place.bytes, place.path)
  if (E.isLeft(fields)) return fields
  const { attr, 'pieces root': piecesRoot, 'symlink path': symlinkPath } = fields.right
  if (hasAttribute(attr, 'p')) return E.left(invalid(below(place, 'attr'), 'no pad file'))
  const target = hasAttribute(attr, 'l') ? symlinkPath : undefined
  const length = target === undefined ? fields.right.length : 0
  if (length === undefined) return E.left(invalid(below(place, 'length'), 'a length'))
  if (length > 0 && !isRoot(piecesRoot)) {
    return E.left(invalid(below(place, 'pieces root'), '32 bytes that are not all zero'))
  }
  return E.right({
    path,
    length,
    isPad: false,
    isExecutable: hasAttribute(attr, 'x'),
    isHidden: hasAttribute(attr, 'h'),
    target,
    piecesRoot: length > 0 ? piecesRoot : undefined,
  })
}

const isRoot = (root: Uint8Array | undefined): boolean => root?.some((byte) => byte !== 0) ?? false
