/** How a piece is known to be right: today a list of SHA-1 digests (BEP 3); Merkle roots (BEP 52) fit the same face. */
export interface PieceVerification {
  readonly isRight: (piece: number, digest: Uint8Array) => boolean
}

const DIGEST_LENGTH = 20

/** @param pieces - the torrent's `pieces`, 20 bytes a piece. */
export const sha1Verification = (pieces: Uint8Array): PieceVerification => ({
  isRight: (piece, digest) => {
    const start = piece * DIGEST_LENGTH
    for (let i = 0; i < DIGEST_LENGTH; i++) if (digest[i] !== pieces[start + i]) return false
    return true
  },
})
