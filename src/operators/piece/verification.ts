import * as O from '#fp/Option'
import { toHex } from '../../codecs/bytes.js'
import { HASH_LENGTH, padHash, merkleParent, MERKLE_BLOCK_LENGTH, pieceHeight } from '../../codecs/merkle.js'
import type { Metainfo } from '../../codecs/metainfoModel.js'

/** How a piece is known to be right: by its SHA-1 (BEP 3), or by the root of its own part of a file's hash tree (BEP 52). */
export interface PieceVerification {
  /** Bytes of a digest. */
  readonly digestLength: number
  readonly isRight: (piece: number, digest: Uint8Array) => boolean
}

/** Pieces in a row that somebody has hashed, those that were there. */
export interface HashedPieces {
  readonly first: number
  readonly digests: Uint8Array
  /** By piece: 1, or 0 where it was not there. */
  readonly present: Uint8Array
}

/** By piece: 1 where it is right. */
export const rightPieces = (
  { digestLength, isRight }: PieceVerification,
  { first, digests, present }: HashedPieces,
): Uint8Array =>
  present.map((isThere, i) =>
    isThere === 1 && isRight(first + i, digests.subarray(i * digestLength, (i + 1) * digestLength)) ? 1 : 0,
  )

/** By the v1 half where there is one; undefined for a v2 torrent whose piece layers are not all there. */
export const verificationOf = (metainfo: Metainfo): PieceVerification | undefined =>
  metainfo.version === 'v2' ? merkleVerification(metainfo) : sha1Verification(metainfo.pieces)

/** @param pieces - the torrent's `pieces`, 20 bytes a piece. */
export const sha1Verification = (pieces: Uint8Array): PieceVerification => byDigests(pieces, 20)

const byDigests = (digests: Uint8Array, digestLength: number): PieceVerification => ({
  digestLength,
  isRight: (piece, digest) => {
    const start = piece * digestLength
    for (let i = 0; i < digestLength; i++) if (digest[i] !== digests[start + i]) return false
    return true
  },
})

/**
 * By the piece layers. A file of one piece has none: there it is the file's root, raised to the height of a piece, so that
 * all pieces are hashed in one way.
 */
const merkleVerification = ({
  files,
  pieceLayers,
  pieceLength,
  pieceCount,
}: Metainfo): PieceVerification | undefined => {
  const digests = new Uint8Array(HASH_LENGTH * pieceCount)
  for (const { offset, length, piecesRoot } of files) {
    if (O.isNone(piecesRoot) || length === 0) continue
    const hashes =
      length > pieceLength
        ? pieceLayers.get(toHex(piecesRoot.value))
        : raised(piecesRoot.value, length, pieceLength)
    if (hashes === undefined) return undefined
    digests.set(hashes, (offset / pieceLength) * HASH_LENGTH)
  }
  return byDigests(digests, HASH_LENGTH)
}

const raised = (root: Uint8Array, length: number, pieceLength: number): Uint8Array => {
  let hash = root
  const height = Math.ceil(Math.log2(Math.ceil(length / MERKLE_BLOCK_LENGTH)))
  for (let at = height; at < pieceHeight(pieceLength); at++) hash = merkleParent(hash, padHash(at))
  return hash
}
