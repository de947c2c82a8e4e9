import { metadataPieceCount } from '../../codecs/wire/utMetadata.js'
import type { BannedPeer } from '../peer/ban.js'
import type { PeerKey } from '../peer/peerKey.js'

/**
 * Metadata that is being gathered: of all peers that claim one size, or of one peer alone. Memory is taken as pieces
 * come, never for what is claimed. Mutable, for one owner; written only through the functions of this file.
 */
export interface Attempt {
  readonly size: number
  /** The peer that it is gathered from; undefined: all that claim this size. */
  readonly owner: PeerKey | undefined
  readonly pieces: (Uint8Array | undefined)[]
  missing: number
  haveBytes: number
  /** By piece: who has been asked and has not answered. */
  readonly asked: Map<number, Set<PeerKey>>
  /** Who sent a part of it, though they may have left. */
  readonly senders: Map<PeerKey, BannedPeer>
}

export const createAttempt = (size: number, owner: PeerKey | undefined): Attempt => {
  const count = metadataPieceCount(size)
  return {
    size,
    owner,
    pieces: new Array<Uint8Array | undefined>(count).fill(undefined),
    missing: count,
    haveBytes: 0,
    asked: new Map(),
    senders: new Map(),
  }
}

/**
 * The next piece to ask of `peer`: one that nobody is asked for, else one that fewer than `most` are; undefined where
 * there is none.
 */
export const nextPiece = ({ pieces, asked }: Attempt, peer: PeerKey, most: number): number | undefined => {
  let second: number | undefined
  for (let piece = 0; piece < pieces.length; piece++) {
    if (pieces[piece] !== undefined) continue
    const askers = asked.get(piece)
    if (askers === undefined || askers.size === 0) return piece
    if (second === undefined && askers.size < most && !askers.has(peer)) second = piece
  }
  return second
}

export const askPiece = ({ asked }: Attempt, peer: PeerKey, piece: number): void => {
  const askers = asked.get(piece)
  if (askers === undefined) asked.set(piece, new Set([peer]))
  else askers.add(peer)
}

/** It has answered, or will not. */
export const releasePiece = ({ asked }: Attempt, peer: PeerKey, piece: number): void => {
  asked.get(piece)?.delete(peer)
}

/** Takes a copy of a piece that is of the right length. One that is there already stays as it is. */
export const storePiece = (
  attempt: Attempt,
  piece: number,
  payload: Uint8Array,
  sender: PeerKey,
  who: BannedPeer,
): void => {
  if (attempt.pieces[piece] !== undefined) return
  attempt.pieces[piece] = payload.slice()
  attempt.missing--
  attempt.haveBytes += payload.length
  attempt.senders.set(sender, who)
}

/** All of it, in one buffer, once nothing is missing. */
export const gathered = ({ size, pieces }: Attempt): Uint8Array => {
  const bytes = new Uint8Array(size)
  let at = 0
  for (const piece of pieces) {
    if (piece === undefined) continue
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}
