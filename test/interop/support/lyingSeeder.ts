import { createServer, type Socket } from 'node:net'
import { request } from 'node:http'
import type { Lab } from './lab.js'
import { listenOn } from './listenOn.js'

/** A peer that says it has everything, and sends something else. */
export interface LyingSeeder {
  readonly port: number
  /** Blocks sent so far that were not the torrent's. */
  readonly liesTold: () => number
}

/** An address of its own: whoever bans it must not ban the honest peers with it. */
const address = '127.0.0.66'

const peerId = '-LI0001-abcdefghijkl'

const handshake = (infohash: Buffer): Buffer =>
  Buffer.concat([Buffer.from('\x13BitTorrent protocol'), Buffer.alloc(8), infohash, Buffer.from(peerId)])

const bitfieldOfAll = (pieceCount: number): Buffer => {
  const bits = Buffer.alloc(Math.ceil(pieceCount / 8), 0xff)
  const spare = bits.length * 8 - pieceCount
  bits[bits.length - 1] = (0xff << spare) & 0xff
  return message(5, bits)
}

const message = (id: number, payload = Buffer.alloc(0)): Buffer => {
  const header = Buffer.alloc(5)
  header.writeUInt32BE(1 + payload.length)
  header[4] = id
  return Buffer.concat([header, payload])
}

const pieceOf = (requested: Buffer): Buffer => {
  const payload = Buffer.alloc(8 + requested.readUInt32BE(8), 0x5a)
  requested.copy(payload, 0, 0, 8)
  return message(7, payload)
}

const serve = (socket: Socket, infohash: Buffer, pieceCount: number, onLie: () => void): void => {
  let pending = Buffer.alloc(0)
  let isOpen = false
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk])
    if (!isOpen) {
      if (pending.length < 68) return
      pending = pending.subarray(68)
      isOpen = true
      socket.write(Buffer.concat([handshake(infohash), bitfieldOfAll(pieceCount), message(1)]))
    }
    while (pending.length >= 4 && pending.length >= 4 + pending.readUInt32BE(0)) {
      const end = 4 + pending.readUInt32BE(0)
      if (end > 4 && pending[4] === 6) {
        socket.write(pieceOf(pending.subarray(5, end)))
        onLie()
      }
      pending = pending.subarray(end)
    }
  })
}

const announce = (announceUrl: string, infohash: Buffer, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const hash = infohash.toString('hex').replace(/../g, '%$&')
    const fields = `info_hash=${hash}&peer_id=${peerId}&port=${String(port)}&uploaded=0&downloaded=0&left=0`
    request(`${announceUrl}?${fields}&event=started&compact=1`, { localAddress: address }, (response) => {
      response.resume().on('end', resolve)
    })
      .on('error', reject)
      .end()
  })

/** Starts a liar and announces it as a seeder. */
export const startLyingSeeder = async (
  lab: Lab,
  torrent: { readonly infohash: string; readonly pieceCount: number; readonly announceUrl: string },
): Promise<LyingSeeder> => {
  const infohash = Buffer.from(torrent.infohash, 'hex')
  const sockets = new Set<Socket>()
  let lies = 0
  const server = createServer((socket) => {
    sockets.add(socket)
    serve(socket, infohash, torrent.pieceCount, () => {
      lies += 1
    })
  })
  const port = await listenOn(server, address)
  lab.defer(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await announce(torrent.announceUrl, infohash, port)
  return { port, liesTold: () => lies }
}
