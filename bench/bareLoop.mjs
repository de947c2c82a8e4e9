/**
 * The floor: what Node itself costs. Downloads a single-file torrent from one peer by hand: a request pipeline, one copy
 * into the piece, SHA-1, a positioned write. No library, no picker, no state, no second peer, no bad news.
 *
 * usage: bareLoop.mjs TORRENT INFOHASH FOLDER HOST PORT
 */
import { createHash } from 'node:crypto'
import { openSync, readFileSync, write } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'

const [torrent = '', infohash = '', folder = '', host = '', port = ''] = process.argv.slice(2)

const blockLength = 16_384
const pipeline = 512
const readLength = 4 * 1024 * 1024
const ids = { unchoke: 1, interested: 2, request: 6, piece: 7 }

const metainfo = readFileSync(torrent, 'latin1')
/** @param {string} key */
const integer = (key) => Number(new RegExp(`${String(key.length)}:${key}i(\\d+)e`).exec(metainfo)?.[1])
/** @param {string} key */
const string = (key) => {
  const match = new RegExp(`${String(key.length)}:${key}(\\d+):`).exec(metainfo)
  const start = (match?.index ?? 0) + (match?.[0].length ?? 0)
  return metainfo.slice(start, start + Number(match?.[1]))
}
const length = integer('length')
const pieceLength = integer('piece length')
const hashes = Buffer.from(string('pieces'), 'latin1')
const pieceCount = hashes.length / 20
const blocksPerPiece = pieceLength / blockLength
const blockCount = Math.ceil(length / blockLength)
const file = openSync(join(folder, string('name')), 'w')

/** @param {number} piece */
const lengthOf = (piece) => Math.min(pieceLength, length - piece * pieceLength)

/** @type {Map<number, { readonly bytes: Uint8Array, missing: number }>} */
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
  write(file, data, 0, data.length, index * pieceLength, (error) => {
    if (error !== null) throw error
    pool.push(bytes)
    written += 1
    if (written === pieceCount) process.exit(0)
  })
}

let requested = 0
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
/** @type {{ readonly bytes: Uint8Array, missing: number } | undefined} */
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
    piece.missing -= remaining
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
    piece?.bytes.set(chunk.subarray(at, at + taken), offset)
    offset += taken
    at += taken
    remaining -= taken
    if (remaining === 0 && piece !== undefined) {
      outstanding -= 1
      if (piece.missing === 0) finishPiece(index, piece.bytes)
    }
  }
  requestMore()
}

const socket = connect({
  host,
  port: Number(port),
  noDelay: true,
  onread: {
    buffer: new Uint8Array(readLength),
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
