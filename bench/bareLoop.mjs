/**
 * The floor: what Node itself costs. Downloads a torrent from peers that have all of it, by hand: a pipeline of requests
 * to each, one copy into the piece, SHA-1, positioned writes. No library, no picker, no state, no bad news.
 *
 * usage: bareLoop.mjs TORRENT INFOHASH FOLDER HOST:PORT…
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { createBareFiles } from './support/bareFiles.mjs'
import { readBareTorrent } from './support/bareTorrent.mjs'

const [torrent = '', infohash = '', folder = '', ...peers] = process.argv.slice(2)

const blockLength = 16_384
const pipeline = 512
const ids = { unchoke: 1, interested: 2, request: 6, piece: 7 }

const { files, length, pieceLength, hashes } = readBareTorrent(readFileSync(torrent, 'latin1'))
const pieceCount = hashes.length / 20
const blocksPerPiece = pieceLength / blockLength
const blockCount = Math.ceil(length / blockLength)
const { write } = createBareFiles(folder, files)

/** @param {number} piece */
const lengthOf = (piece) => Math.min(pieceLength, length - piece * pieceLength)

/** @typedef {{ readonly bytes: Uint8Array, missing: number }} Piece */

/** @type {Map<number, Piece>} */
const pieces = new Map()
/** @type {Uint8Array[]} */
const pool = []
let written = 0

/** @param {number} index */
const openPiece = (index) => {
  const piece = { bytes: pool.pop() ?? new Uint8Array(pieceLength), missing: lengthOf(index) }
  pieces.set(index, piece)
  return piece
}

/**
 * @param {number} index
 * @param {Uint8Array} bytes
 */
const finishPiece = (index, bytes) => {
  pieces.delete(index)
  const data = bytes.subarray(0, lengthOf(index))
  const digest = createHash('sha1').update(data).digest()
  if (digest.compare(hashes, index * 20, index * 20 + 20) !== 0)
    throw new Error(`piece ${String(index)} is bad`)
  write(index * pieceLength, data, () => {
    pool.push(bytes)
    written += 1
    if (written === pieceCount) process.exit(0)
  })
}

/** Blocks asked for so far, by whichever peer had room. */
let requested = 0
/** One for all sockets: what is read is used up before the next read. */
const readBuffer = new Uint8Array(4 * 1024 * 1024)

/** @param {string} peer */
const downloadFrom = (peer) => {
  const [host = '', port] = peer.split(':')
  let outstanding = 0
  let isChoked = true

  const requestMore = () => {
    const count = Math.min(pipeline - outstanding, blockCount - requested)
    if (isChoked || count === 0) return
    const messages = Buffer.allocUnsafe(count * 17)
    for (let at = 0; at < messages.length; at += 17) {
      const begin = (requested % blocksPerPiece) * blockLength
      messages.writeUInt32BE(13, at)
      messages[at + 4] = ids.request
      messages.writeUInt32BE(Math.floor(requested / blocksPerPiece), at + 5)
      messages.writeUInt32BE(begin, at + 9)
      messages.writeUInt32BE(Math.min(blockLength, length - requested * blockLength), at + 13)
      requested += 1
    }
    outstanding += count
    socket.write(messages)
  }

  // A message's first bytes gather in `header`; the rest of it, `remaining` bytes, goes to `piece` or nowhere.
  const header = Buffer.alloc(13)
  let gathered = 0
  let remaining = 68
  /** @type {Piece | undefined} */
  let piece
  let index = 0
  let offset = 0

  const readHeader = () => {
    const messageLength = header.readUInt32BE(0)
    if (gathered === 4 && messageLength === 0) gathered = 0
    if (gathered < 5) return
    if (header[4] !== ids.piece) {
      if (header[4] === ids.unchoke) isChoked = false
      piece = undefined
      remaining = messageLength - 1
      gathered = 0
    } else if (gathered === 13) {
      index = header.readUInt32BE(5)
      offset = header.readUInt32BE(9)
      piece = pieces.get(index) ?? openPiece(index)
      remaining = messageLength - 9
      gathered = 0
    }
  }

  /** @param {Uint8Array} chunk */
  const receive = (chunk) => {
    let at = 0
    while (at < chunk.length) {
      if (remaining === 0) {
        header[gathered] = chunk[at] ?? 0
        gathered += 1
        at += 1
        readHeader()
        continue
      }
      const taken = Math.min(remaining, chunk.length - at)
      at += taken
      remaining -= taken
      if (piece === undefined) continue
      piece.bytes.set(chunk.subarray(at - taken, at), offset)
      offset += taken
      piece.missing -= taken
      if (remaining > 0) continue
      outstanding -= 1
      if (piece.missing === 0) finishPiece(index, piece.bytes)
    }
    requestMore()
  }

  const socket = connect({
    host,
    port: Number(port),
    noDelay: true,
    onread: {
      buffer: readBuffer,
      callback: (count, buffer) => {
        receive(buffer.subarray(0, count))
        return true
      },
    },
  })
  const greeting = [Buffer.from('\x13BitTorrent protocol'), Buffer.alloc(8), Buffer.from(infohash, 'hex')]
  socket.write(
    Buffer.concat([
      ...greeting,
      Buffer.from('-BL0001-0123456789ab'),
      Buffer.from([0, 0, 0, 1, ids.interested]),
    ]),
  )
}

peers.forEach(downloadFrom)
