import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { BencodeValue } from '../bencode.js'
import { isBencodeDict } from '../bencode.js'
import { equalBytes, fromLatin1, toHex } from '../bytes.js'
import type { DecodeError } from '../errors.js'
import { merkleRoot, padHash, pieceHeight } from '../merkle.js'
import type { FileEntry } from '../metainfoModel.js'
import type { Place } from './place.js'
import { below, invalid } from './place.js'

/**
 * The `piece layers` of a v2 torrent by hex root (BEP 52). Each must belong to a file longer than a piece, have one
 * hash for each of its pieces, and hash to its root. Layers may be missing, as they are behind a magnet link.
 */
export const readPieceLayers = (
  value: BencodeValue | undefined,
  files: ReadonlyArray<FileEntry>,
  pieceLength: number,
  place: Place,
): Either<DecodeError, ReadonlyMap<string, Uint8Array>> => {
  const layers = new Map<string, Uint8Array>()
  if (value === undefined) return E.right(layers)
  if (!isBencodeDict(value)) return E.left(invalid(place, 'a dictionary'))
  const pieceCounts = new Map<string, number>()
  for (const { length, piecesRoot } of files) {
    if (O.isSome(piecesRoot) && length > pieceLength) {
      pieceCounts.set(toHex(piecesRoot.value), Math.ceil(length / pieceLength))
    }
  }
  const pad = padHash(pieceHeight(pieceLength))
  for (const [key, layer] of value) {
    const root = fromLatin1(key)
    const hex = root.length === 32 ? toHex(root) : ''
    const count = pieceCounts.get(hex)
    if (count === undefined)
      return E.left(invalid(below(place, key), 'the root of a file longer than a piece'))
    if (!(layer instanceof Uint8Array) || layer.length !== 32 * count) {
      return E.left(invalid(below(place, key), `${String(32 * count)} bytes`))
    }
    if (!equalBytes(merkleRoot(layer, pad), root)) {
      return E.left(invalid(below(place, key), 'hashes that lead to the root'))
    }
    layers.set(hex, layer)
  }
  return E.right(layers)
}
