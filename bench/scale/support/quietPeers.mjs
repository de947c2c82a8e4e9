/**
 * Peers that say what they have and no more, in a process of their own. They dial a session, or wait to be dialled; on
 * demand they say `have` until they have said it often enough.
 *
 * usage: forked by `swarm.mjs`, which sends what `Order` says
 */
import { randomBytes } from 'node:crypto'
import { connect, createServer } from 'node:net'
import { load } from '../../kernels/kernel.mjs'

/**
 * @typedef {object} Peers
 * @property {number} count
 * @property {number} pieceCount
 * @property {string} infohash in hex
 * @property {number} share of the pieces that each says it has, by a bitfield
 */
/**
 * @typedef {{ readonly _tag: 'Dial', readonly port: number, readonly peers: Peers }
 *   | { readonly _tag: 'Listen', readonly peers: Peers }
 *   | { readonly _tag: 'Haves', readonly speakers: number, readonly each: number, readonly perWrite: number, readonly everyMs: number }} Order
 */
/** @typedef {import('node:net').Socket} Socket */

const { encodeHandshake, encodeReserved, writeMessages } =
  /** @type {typeof import('../../../src/codecs/index.js')} */ (await load('codecs/index.js'))
const { encodeExtendedHandshake } = /** @type {typeof import('../../../src/codecs/wire/extended.js')} */ (
  await load('codecs/wire/extended.js')
)

/** Handshakes under way at once. */
const BATCH = 32
const HANDSHAKE_BYTES = 68

/** @type {Socket[]} */
const open = []
let pieceCount = 0
/** A session has shaken hands with so many. */
let greeted = 0

/** @param {string} tag @param {number} value */
const tell = (tag, value) => process.send?.({ tag, value })

/** @param {Peers} peers */
const hello = ({ infohash, share, pieceCount: pieces }) => {
  const bitfield = Buffer.alloc(Math.ceil(pieces / 8))
  for (let piece = 0; piece < pieces; piece++) {
    if (Math.random() < share) bitfield[piece >> 3] = (bitfield[piece >> 3] ?? 0) | (0x80 >> (piece & 7))
  }
  const handshake = encodeHandshake({
    infohash: Buffer.from(infohash, 'hex'),
    peerId: Buffer.concat([Buffer.from('-qB5000-'), randomBytes(12)]),
    reserved: encodeReserved({ fast: true, extended: true, dht: false, v2: false }),
  })
  const payload = encodeExtendedHandshake({
    extensions: new Map([
      ['ut_pex', 1],
      ['ut_metadata', 2],
    ]),
  })
  return Buffer.concat([
    handshake,
    writeMessages([
      { _tag: 'Extended', id: 0, payload },
      { _tag: 'Bitfield', bits: bitfield },
    ]),
  ])
}

/** @param {Socket} socket @param {Peers} peers @param {() => void} onGreeted */
const speak = (socket, peers, onGreeted) => {
  pieceCount = peers.pieceCount
  let heard = 0
  socket.on('data', (chunk) => {
    if (heard < HANDSHAKE_BYTES && heard + chunk.length >= HANDSHAKE_BYTES) onGreeted()
    heard += chunk.length
  })
  socket.on('error', (error) => {
    throw error
  })
  socket.on('close', () => {
    tell('closed', 1)
  })
  socket.write(hello(peers))
  open.push(socket)
}

const onGreeted = () => {
  greeted++
  tell('greeted', greeted)
}

/** @param {number} port @param {Peers} peers */
const dialAll = (port, peers) => {
  let dialled = 0
  const dialNext = () => {
    if (dialled === peers.count) return
    dialled++
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => {
      speak(socket, peers, () => {
        onGreeted()
        dialNext()
      })
    })
  }
  for (let i = 0; i < BATCH; i++) dialNext()
}

/** @param {Peers} peers */
const listen = (peers) => {
  const server = createServer({ noDelay: true }, (socket) => {
    speak(socket, peers, onGreeted)
  })
  server.listen({ port: 0, host: '0.0.0.0', backlog: 4096 }, () => {
    const address = server.address()
    if (address !== null && typeof address !== 'string') tell('listening', address.port)
  })
}

/** @param {Extract<Order, { readonly _tag: 'Haves' }>} order */
const sayHaves = ({ speakers, each, perWrite, everyMs }) => {
  let left = speakers
  for (const socket of open.slice(0, speakers)) {
    let said = 0
    const more = () => {
      for (;;) {
        if (said >= each) {
          left--
          if (left === 0) tell('said', speakers * each)
          return
        }
        const count = Math.min(perWrite, each - said)
        const first = said
        said += count
        const bytes = writeMessages(
          Array.from({ length: count }, (_, i) => ({ _tag: 'Have', piece: (first + i) % pieceCount })),
        )
        const hasRoom = socket.write(bytes)
        if (everyMs > 0) {
          setTimeout(more, everyMs)
          return
        }
        if (!hasRoom) break
      }
      socket.once('drain', more)
    }
    more()
  }
}

process.on('message', (/** @type {Order} */ order) => {
  if (order._tag === 'Dial') dialAll(order.port, order.peers)
  else if (order._tag === 'Listen') listen(order.peers)
  else sayHaves(order)
})
process.on('disconnect', () => process.exit())
tell('ready', 0)
