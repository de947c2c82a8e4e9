import { Subscription } from 'rxjs'
import * as E from '#fp/Either'
import type { Datagram, Datagrams, DatagramSocket, PeerAddress } from '../../src/streams/deps.js'
import { rethrow } from './rethrow.js'

/** A packet that came to a tracker. */
export interface Asked {
  readonly from: PeerAddress
  readonly bytes: Uint8Array
  readonly view: DataView
  readonly action: number
  readonly transactionId: number
}

export interface UdpTracker {
  readonly asked: Asked[]
  /** Known once the port is open. */
  readonly address: () => PeerAddress | undefined
  readonly send: (bytes: Uint8Array, to: PeerAddress) => void
  readonly close: () => void
}

/** Big-endian words. */
export const words = (...numbers: ReadonlyArray<number>): Uint8Array => {
  const bytes = new Uint8Array(4 * numbers.length)
  for (const [i, word] of numbers.entries()) new DataView(bytes.buffer).setUint32(4 * i, word)
  return bytes
}

export const joinedBytes = (...parts: ReadonlyArray<Uint8Array>): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]))

/** What a well-behaved tracker answers: the connection id 1·2, no peers, and numbers to know it by. */
export const politeAnswer = ({ action, transactionId, bytes }: Asked): Uint8Array => {
  if (action === 0) return words(0, transactionId, 1, 2)
  if (action === 1) return words(1, transactionId, 900, 3, 4)
  const count = (bytes.length - 16) / 20
  return words(2, transactionId, ...Array.from({ length: count }, (_, i) => [i, 100 + i, 200 + i]).flat())
}

/** A UDP tracker on a port of these; `answer` gives the packets that go back. */
export const udpTrackerOn = (
  datagrams: Datagrams,
  options: { readonly port: number; readonly family: 4 | 6; readonly host?: string },
  answer: (asked: Asked) => Uint8Array | ReadonlyArray<Uint8Array> = politeAnswer,
): UdpTracker => {
  const asked: Asked[] = []
  const running = new Subscription()
  let socket: DatagramSocket | undefined
  const hear = ({ from, bytes }: Datagram): void => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const packet = { from, bytes, view, action: view.getUint32(8), transactionId: view.getUint32(12) }
    asked.push(packet)
    const answers = answer(packet)
    for (const each of answers instanceof Uint8Array ? [answers] : answers) socket?.send(each, from)
  }
  running.add(
    datagrams.bind(options).subscribe({
      next: (bound) => {
        if (E.isLeft(bound)) throw new Error(bound.left.code)
        socket = bound.right
        running.add(listenTo(bound.right, hear))
      },
      error: rethrow,
    }),
  )
  return {
    asked,
    address: () => socket?.local,
    send: (bytes, to) => {
      socket?.send(bytes, to)
    },
    close: () => {
      running.unsubscribe()
    },
  }
}

const listenTo = (socket: DatagramSocket, next: (datagram: Datagram) => void): Subscription =>
  socket.datagram$.subscribe({ next, error: rethrow })
