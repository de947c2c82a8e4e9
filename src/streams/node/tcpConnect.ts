import { connect } from 'node:net'
import { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { Network, PeerSocket, SocketError } from '../deps.js'
import { type ChunkSource, peerSocket } from './peerSocket.js'
import { plainAddress } from './plainAddress.js'
import { LEAST_SHARE_BYTES, shareOfTurn } from './readShare.js'
import { socketError } from './socketError.js'

const CONNECT_TIMEOUT_MS = 15_000

/** One read takes at most this much. A fast peer fills it: reads of 64 KiB cost a tenth more. */
const READ_BUFFER_BYTES = 256 * 1024

const OWN_READ_BUFFER_BYTES = 64 * 1024

export interface ConnectOptions {
  /** Local address that sockets are bound to; the system's choice unless given. */
  readonly localAddress?: string
  /** Milliseconds until a connect fails with `ETIMEDOUT`; 15 000 unless given. */
  readonly connectTimeout?: number
}

/** `Network.connect`: dials, and gives sockets that read into a shared buffer. */
export const tcpConnect = (options: ConnectOptions): Network['connect'] => {
  const newBufferSource = bufferSources(process.platform)
  const local = options.localAddress === undefined ? {} : { localAddress: options.localAddress }
  const timeout = options.connectTimeout ?? CONNECT_TIMEOUT_MS

  return ({ host, port }) =>
    new Observable<Either<SocketError, PeerSocket>>((subscriber) => {
      let deliver = ignoreChunk
      const onread = {
        buffer: newBufferSource(),
        callback: (size: number, buffer: Uint8Array): boolean => deliver(buffer.subarray(0, size)),
      }
      // Addresses come from strangers: what `node:net` throws at (port 70 000) is a failure like any other.
      const attempt = E.tryCatch(() => connect({ host, port, ...local, noDelay: true, onread }), socketError)
      if (E.isLeft(attempt)) {
        subscriber.next(attempt)
        subscriber.complete()
        return undefined
      }
      const socket = attempt.right
      // Else reading would start with the connection, before anybody listens.
      socket.pause()

      let timer: NodeJS.Timeout | undefined = setTimeout(() => {
        socket.destroy(Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' }))
      }, timeout)
      const stopTimer = (): void => {
        clearTimeout(timer)
        timer = undefined
      }
      const onError = (error: Error): void => {
        subscriber.next(E.left(socketError(error)))
      }
      socket.on('error', onError)
      socket.on('close', () => {
        stopTimer()
        subscriber.complete()
      })
      socket.once('connect', () => {
        stopTimer()
        const remote = { host: plainAddress(socket.remoteAddress ?? host), port }
        const chunks: ChunkSource = (next) => {
          deliver = next
        }
        const connected = peerSocket(socket, remote, chunks)
        // The socket listens itself from here on.
        socket.off('error', onError)
        subscriber.next(E.right(connected))
      })
      return () => {
        stopTimer()
        socket.destroy()
      }
    })
}

/**
 * One buffer serves every socket. Where readiness drives the loop (everywhere but Windows) that is safe: libuv reads
 * and calls back in one go, and the chunk is used up before the callback returns (see `PeerSocket.chunk$`), so no two
 * reads are ever under way. Node asks for it before each read. Windows hands the buffer to the kernel ahead of the
 * data: there each socket has its own.
 */
const bufferSources = (platform: NodeJS.Platform): (() => () => Uint8Array) => {
  if (platform === 'win32') {
    return () => {
      const own = new Uint8Array(OWN_READ_BUFFER_BYTES)
      return () => own
    }
  }
  const shared = new Uint8Array(READ_BUFFER_BYTES)
  // For one of three or more fast peers, which share a turn of the loop.
  const less = shared.subarray(0, LEAST_SHARE_BYTES)
  const next = (): Uint8Array => (shareOfTurn() < READ_BUFFER_BYTES ? less : shared)
  return () => next
}

const ignoreChunk = (_chunk: Uint8Array): boolean => true
