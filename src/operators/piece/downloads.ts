import type { PeerKey } from '../peer/peerKey.js'
import { createBits, setBit } from './bitfield.js'

/** No peer, no slot. */
export const NONE = -1

const RECEIVED = 255

/** A piece that has been begun: who was asked for which block, who sent it. */
export interface PieceDownload {
  readonly piece: number
  /** Where its blocks are gathered in memory; `NONE`: written through to the storage. */
  readonly slot: number
  readonly blockCount: number
  /** By block: live requests for it, or `RECEIVED`. */
  readonly requests: Uint8Array
  /** By block: who sent it. */
  readonly senders: Int32Array
  received: number
  /** Blocks neither received nor asked for. */
  unrequested: number
  /** No block below is unrequested. */
  cursor: number
  /** When the last block was asked for. */
  askedAt: number
  /** Blocks that reached the storage, when written through. */
  written: number
  /** Those that are in the storage, as bits; undefined for none. What an earlier run left is among them. */
  stored: Uint8Array | undefined
  /** The only peer that may be asked, so that a bad piece has one culprit; `NONE`: anybody. */
  exclusive: PeerKey
  /** Place in `Downloads.open`; `NONE` when every block is asked for. */
  openIndex: number
}

/** The pieces under way. */
export interface Downloads {
  readonly byPiece: Map<number, PieceDownload>
  /** Those with unrequested blocks. */
  readonly open: PieceDownload[]
  /** Pieces that have all their blocks: being verified or written. */
  whole: number
}

export const createDownloads = (): Downloads => ({ byPiece: new Map(), open: [], whole: 0 })

export const beginDownload = (
  downloads: Downloads,
  piece: number,
  slot: number,
  blockCount: number,
  exclusive: PeerKey,
): PieceDownload => {
  const download: PieceDownload = {
    piece,
    slot,
    blockCount,
    requests: new Uint8Array(blockCount),
    senders: new Int32Array(blockCount).fill(NONE),
    received: 0,
    unrequested: blockCount,
    cursor: 0,
    askedAt: -Infinity,
    written: 0,
    stored: undefined,
    exclusive,
    openIndex: downloads.open.length,
  }
  downloads.byPiece.set(piece, download)
  downloads.open.push(download)
  return download
}

const close = (downloads: Downloads, download: PieceDownload): void => {
  const { open } = downloads
  const last = open.pop()
  if (last !== undefined && last !== download) {
    open[download.openIndex] = last
    last.openIndex = download.openIndex
  }
  download.openIndex = NONE
}

const reopen = (downloads: Downloads, download: PieceDownload): void => {
  if (download.openIndex !== NONE) return
  download.openIndex = downloads.open.length
  downloads.open.push(download)
}

/** The next block that nobody was asked for, now asked for; `NONE` when there is none. */
export const takeBlock = (downloads: Downloads, download: PieceDownload): number => {
  const { requests, blockCount } = download
  for (let block = download.cursor; block < blockCount; block++) {
    if (requests[block] !== 0) continue
    requests[block] = 1
    download.cursor = block + 1
    if (--download.unrequested === 0) close(downloads, download)
    return block
  }
  return NONE
}

/** One more request for a block that is on its way from another peer (endgame). */
export const askAgain = (download: PieceDownload, block: number): void => {
  download.requests[block]!++
}

/** Live requests for a block; 0 when it was received. */
export const liveRequests = (download: PieceDownload, block: number): number => {
  const requests = download.requests[block]!
  return requests === RECEIVED ? 0 : requests
}

export const isReceived = (download: PieceDownload, block: number): boolean =>
  download.requests[block] === RECEIVED

/** A request came to nothing: its peer choked, left, refused or is too slow. */
export const releaseBlock = (downloads: Downloads, download: PieceDownload, block: number): void => {
  const requests = download.requests[block]!
  if (requests === RECEIVED || requests === 0) return
  download.requests[block] = requests - 1
  if (requests > 1) return
  download.unrequested++
  if (block < download.cursor) download.cursor = block
  reopen(downloads, download)
}

/** The block has come. Answers whether it was the last one. */
export const receiveBlock = (
  downloads: Downloads,
  download: PieceDownload,
  block: number,
  sender: PeerKey,
): boolean => {
  if (download.requests[block] === 0 && --download.unrequested === 0) close(downloads, download)
  download.requests[block] = RECEIVED
  download.senders[block] = sender
  if (++download.received < download.blockCount) return false
  downloads.whole++
  return true
}

/** The piece is done with, well or badly. */
export const endDownload = (downloads: Downloads, download: PieceDownload): void => {
  if (download.openIndex !== NONE) close(downloads, download)
  if (download.received === download.blockCount) downloads.whole--
  downloads.byPiece.delete(download.piece)
}

/** The block is in the storage. */
export const markStored = (download: PieceDownload, block: number): void => {
  download.stored ??= createBits(download.blockCount)
  setBit(download.stored, block)
}

/** Whether every block of a whole piece came from a peer, and none from an earlier run. */
export const isFromPeers = (download: PieceDownload): boolean => !download.senders.includes(NONE)

/** Everybody who sent a block. */
export const sendersOf = ({ senders }: PieceDownload): ReadonlyArray<PeerKey> => {
  const found: PeerKey[] = []
  let last = NONE
  for (let block = 0; block < senders.length; block++) {
    const sender = senders[block]!
    // Mostly one peer sent them all.
    if (sender === last || sender === NONE) continue
    last = sender
    if (!found.includes(sender)) found.push(sender)
  }
  return found
}
