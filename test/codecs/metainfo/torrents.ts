import * as E from '#fp/Either'
import type { BencodeInput } from '../../../src/codecs/bencode.js'
import { encodeBencode } from '../../../src/codecs/bencode.js'
import { toLatin1 } from '../../../src/codecs/bytes.js'
import { hashBlocks, merkleRoot, padHash, pieceLayer } from '../../../src/codecs/merkle.js'

export type Fields = Readonly<Record<string, BencodeInput | undefined>>

/** A dictionary; what is undefined is left out. */
export const dictOf = (fields: Fields): ReadonlyMap<string, BencodeInput> =>
  new Map(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  )

export const encoded = (value: BencodeInput): Uint8Array => {
  const bytes = encodeBencode(value)
  if (E.isLeft(bytes)) throw new Error(bytes.left.reason)
  return bytes.right
}

/** A v1 torrent of one file, one piece, with changes. */
export const v1Torrent = (info: Fields = {}, root: Fields = {}): Uint8Array =>
  encoded(
    dictOf({
      info: dictOf({ length: 5, name: 'hello', 'piece length': 16_384, pieces: new Uint8Array(20), ...info }),
      ...root,
    }),
  )

/** A v1 torrent with these files in one piece, by path below the root. */
export const v1Files = (files: ReadonlyArray<Fields>, info: Fields = {}): Uint8Array =>
  v1Torrent({ length: undefined, files: files.map(dictOf), name: 'root', ...info })

export const PIECE_LENGTH = 32_768

/** `file tree` leaf and piece layer of a file of this content. */
export const v2File = (
  content: Uint8Array,
): { readonly leaf: BencodeInput; readonly layers: ReadonlyArray<readonly [string, Uint8Array]> } => {
  const leaves = hashBlocks(content)
  const root = content.length === 0 ? undefined : merkleRoot(leaves, padHash(0))
  const leaf = dictOf({ '': dictOf({ length: content.length, 'pieces root': root }) })
  const layers =
    root !== undefined && content.length > PIECE_LENGTH
      ? [[toLatin1(root), pieceLayer(leaves, PIECE_LENGTH)] as const]
      : []
  return { leaf, layers }
}
