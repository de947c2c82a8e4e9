import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import * as O from '#fp/Option'
import { encodeHandshake, encodeReserved } from '../../src/codecs/handshake.js'
import type { WireMessage } from '../../src/codecs/wire/message.js'
import { writeMessages } from '../../src/codecs/wire/write.js'
import type { MadeTorrent } from './makeTorrent.js'

/** A raw socket that says what it likes. */
export interface Attacker {
  readonly socket: Socket
  readonly says: (bytes: Uint8Array) => void
  readonly tells: (...messages: ReadonlyArray<WireMessage>) => void
  readonly connected: Promise<void>
  /** Settles when the other end has closed, one way or another. */
  readonly closed: Promise<void>
  readonly isClosed: () => boolean
  readonly received: () => number
}

export const attack = (port: number): Attacker => {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true })
  onTestFinished(() => {
    socket.destroy()
  })
  let isClosed = false
  let received = 0
  // Writing to who has hung up is what attackers do.
  socket.on('error', () => undefined)
  socket.on('data', (chunk) => {
    received += chunk.length
  })
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      isClosed = true
      resolve()
    })
  })
  const connected = new Promise<void>((resolve) => {
    socket.once('connect', resolve).once('close', () => {
      resolve()
    })
  })
  const says = (bytes: Uint8Array): void => {
    if (!socket.destroyed) socket.write(bytes)
  }
  return {
    socket,
    says,
    tells: (...messages) => {
      says(writeMessages(messages))
    },
    connected,
    closed,
    isClosed: () => isClosed,
    received: () => received,
  }
}

/** The 68 bytes that get a peer in. */
export const handshakeOf = (torrent: MadeTorrent, id = 1, fast = true): Uint8Array => {
  const { v1 } = torrent.metainfo.infohash
  if (O.isNone(v1)) throw new Error('no infohash')
  const peerId = new Uint8Array(20).fill(99)
  peerId.set([id >> 8, id & 255])
  return encodeHandshake({
    infohash: v1.value,
    peerId,
    reserved: encodeReserved({ fast, extended: true, dht: false, v2: false }),
  })
}
