import { Subscription } from 'rxjs'
import * as E from '#fp/Either'
import { encodeHandshake, encodeReserved, HANDSHAKE_LENGTH } from '../../src/codecs/handshake.js'
import { encodeExtendedHandshake, EXTENDED_HANDSHAKE_ID } from '../../src/codecs/wire/extended.js'
import { createFrameDecoder } from '../../src/codecs/wire/frameDecoder.js'
import type { HashRange, WireMessage } from '../../src/codecs/wire/message.js'
import { decodeUtMetadata, metadataPiece, type UtMetadata } from '../../src/codecs/wire/utMetadata.js'
import { writeMessages } from '../../src/codecs/wire/write.js'
import { OUR_METADATA_ID } from '../../src/operators/metadata/peers.js'
import type { PeerAddress, PeerSocket } from '../../src/streams/deps.js'
import type { VirtualWorld } from '../../src/streams/virtual/world.js'
import { rethrow } from './rethrow.js'

export interface MetadataPeerOptions {
  readonly infohash: Uint8Array
  readonly host: string
  /** What it claims to have; nothing is claimed where absent. */
  readonly size?: number
  /** Payloads of the extension, sent for a request; nothing where absent. */
  readonly answer?: (piece: number) => ReadonlyArray<Uint8Array>
  /** What is sent for a request for hashes; nothing where absent. */
  readonly hashes?: (range: HashRange) => ReadonlyArray<WireMessage>
  /** Bytes sent behind the handshakes. */
  readonly says?: ReadonlyArray<WireMessage>
}

export interface MetadataPeer {
  readonly address: PeerAddress
  readonly subscription: Subscription
  /** Metadata messages that came, in all connections. */
  readonly heard: ReadonlyArray<UtMetadata>
  /** Messages about hashes that came (BEP 52). */
  readonly heardOfHashes: ReadonlyArray<WireMessage>
  /** Connections that it had so far. */
  readonly connections: () => number
  /** Sends to whoever is connected last. */
  readonly tells: (...messages: ReadonlyArray<WireMessage>) => void
}

/** The id under which it takes the extension. */
const ITS_ID = 9

/** A peer of the virtual network that speaks `ut_metadata` and nothing else, by hand. It listens on port 6881. */
export const metadataPeer = (world: VirtualWorld, options: MetadataPeerOptions): MetadataPeer => {
  const { infohash, host, size, answer = () => [], hashes = () => [], says = [] } = options
  const subscription = new Subscription()
  const heard: UtMetadata[] = []
  const heardOfHashes: WireMessage[] = []
  let connections = 0
  let last: PeerSocket | undefined

  const talk = (socket: PeerSocket): void => {
    connections++
    last = socket
    const peerId = Uint8Array.from(Buffer.from(host.padEnd(20, '-')))
    const reserved = encodeReserved({ fast: true, extended: true, dht: false, v2: true })
    const handshake = { extensions: new Map([['ut_metadata', ITS_ID]]), metadataSize: size }
    socket.write([encodeHandshake({ infohash, peerId, reserved })])
    socket.write([
      writeMessages([
        { _tag: 'HaveAll' },
        { _tag: 'Extended', id: EXTENDED_HANDSHAKE_ID, payload: encodeExtendedHandshake(handshake) },
        ...says,
      ]),
    ])
    const decoder = createFrameDecoder()
    let toSkip = HANDSHAKE_LENGTH
    const onMessage = (message: WireMessage): void => {
      if (message._tag === 'HashRequest' || message._tag === 'HashReject') {
        heardOfHashes.push({ ...message, root: message.root.slice() })
        if (message._tag === 'HashRequest') socket.write([writeMessages(hashes(message))])
      }
      if (message._tag !== 'Extended' || message.id !== ITS_ID) return
      const decoded = decodeUtMetadata(message.payload)
      if (E.isLeft(decoded)) return
      heard.push(decoded.right)
      if (decoded.right._tag !== 'Request') return
      for (const payload of answer(decoded.right.piece)) {
        socket.write([writeMessages([{ _tag: 'Extended', id: OUR_METADATA_ID, payload }])])
      }
    }
    subscription.add(
      socket.chunk$.subscribe({
        next: (chunk) => {
          if (E.isLeft(chunk)) return
          const skipped = Math.min(toSkip, chunk.right.length)
          toSkip -= skipped
          for (const message of decoder.write(chunk.right.subarray(skipped)).messages) onMessage(message)
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
  return {
    address: { host, port: 6_881 },
    subscription,
    heard,
    heardOfHashes,
    connections: () => connections,
    tells: (...messages) => {
      last?.write([writeMessages(messages)])
    },
  }
}

/** Answers as it should be. */
export const giving =
  (info: Uint8Array) =>
  (piece: number): ReadonlyArray<Uint8Array> => [metadataPiece(info, piece)]

/** Answers of the right form, and wrong. */
export const poisoning = (info: Uint8Array): ((piece: number) => ReadonlyArray<Uint8Array>) => {
  const spoilt = Uint8Array.from(info)
  for (let at = 5; at < spoilt.length; at += 16_384) spoilt[at]! ^= 1
  return giving(spoilt)
}
