import { Subscription } from 'rxjs'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { encodeHandshake, encodeReserved, HANDSHAKE_LENGTH } from '../../src/codecs/handshake.js'
import { createFrameDecoder } from '../../src/codecs/wire/frameDecoder.js'
import type { WireMessage } from '../../src/codecs/wire/message.js'
import { writeMessages } from '../../src/codecs/wire/write.js'
import type { PeerAddress, PeerSocket } from '../../src/streams/deps.js'
import type { VirtualWorld } from '../../src/streams/virtual/world.js'
import type { MadeTorrent } from './makeTorrent.js'
import { rethrow } from './rethrow.js'

export type Request = WireMessage & { readonly _tag: 'Request' }

/**
 * A peer of the virtual network that has everything, so it says, and unchokes everybody. `answer` says what it sends
 * for a request; nothing for none. It listens on port 6881 of its address.
 */
export const virtualPeer = (
  world: VirtualWorld,
  torrent: MadeTorrent,
  host: string,
  answer: (request: Request) => Uint8Array | undefined,
): {
  readonly address: PeerAddress
  readonly subscription: Subscription
  readonly requests: () => number
} => {
  const { v1 } = torrent.metainfo.infohash
  if (O.isNone(v1)) throw new Error('no infohash')
  const infohash = v1.value
  const subscription = new Subscription()
  let requests = 0

  const talk = (socket: PeerSocket): void => {
    const peerId = Uint8Array.from(Buffer.from(host.padEnd(20, '-')))
    const reserved = encodeReserved({ fast: true, extended: false, dht: false, v2: false })
    socket.write([encodeHandshake({ infohash, peerId, reserved })])
    socket.write([writeMessages([{ _tag: 'HaveAll' }, { _tag: 'Unchoke' }])])
    const decoder = createFrameDecoder()
    let toSkip = HANDSHAKE_LENGTH
    subscription.add(
      socket.chunk$.subscribe({
        next: (chunk) => {
          if (E.isLeft(chunk)) return
          const skipped = Math.min(toSkip, chunk.right.length)
          toSkip -= skipped
          for (const message of decoder.write(chunk.right.subarray(skipped)).messages) {
            if (message._tag !== 'Request') continue
            requests++
            const payload = answer(message)
            if (payload === undefined) continue
            socket.write([writeMessages([{ ...message, _tag: 'Piece', payload }])])
          }
        },
        error: rethrow,
        complete: socket.destroy,
      }),
    )
    subscription.add(socket.destroy)
  }

  subscription.add(
    world
      .host(host)
      .deps.network.listen({ port: 6_881 })
      .subscribe({
        next: (event) => {
          if (E.isRight(event) && event.right._tag === 'Accepted') talk(event.right.socket)
        },
        error: rethrow,
      }),
  )
  return { address: { host, port: 6_881 }, subscription, requests: () => requests }
}

/** What the torrent has there. */
export const blockOf = (
  { metainfo, content }: MadeTorrent,
  { piece, begin, length }: Request,
): Uint8Array => {
  const at = piece * metainfo.pieceLength + begin
  return content.slice(at, at + length)
}
