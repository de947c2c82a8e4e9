import { createSocket } from 'node:dgram'
import type { Socket, SocketOptions } from 'node:dgram'
import { isIP } from 'node:net'
import { Observable, Subject } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { BindOptions, Datagram, Datagrams, DatagramSocket, SocketError } from '../deps.js'
import { joinGroup } from './joinGroup.js'
import { socketError } from './socketError.js'

/**
 * UDP over `node:dgram`. A socket is of one family alone: a port may be bound for both at once. Names are never looked
 * up: who sends resolves them, and checks what comes of it.
 *
 * @example
 * ```ts
 * nodeDatagrams().bind({ port: 6881, family: 4 }).subscribe((bound) => {
 *   if (bound._tag === 'Right') bound.right.send(packet, { host: '192.0.2.1', port: 6881 })
 * })
 * ```
 */
export const nodeDatagrams = (): Datagrams => ({
  bind: (options) =>
    new Observable<Either<SocketError, DatagramSocket>>((subscriber) => {
      const socket = createSocket(socketOptions(options))
      const received$ = new Subject<Datagram>()
      let isOpen = false
      let isClosed = false

      const close = (): void => {
        if (isClosed) return
        isClosed = true
        socket.close()
      }
      const refuse = (error: unknown): void => {
        subscriber.next(E.left(socketError(error)))
        subscriber.complete()
      }
      socket.on('message', (bytes, { address, port }) => {
        received$.next({
          from: { host: address, port },
          bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length),
        })
      })
      socket.on('error', (error) => {
        // Once open, what went wrong with one datagram is no matter of the others.
        if (!isOpen) refuse(error)
      })
      socket.once('close', () => {
        isClosed = true
        received$.complete()
        subscriber.complete()
      })
      socket.once('listening', () => {
        isOpen = true
        const { address, port } = socket.address()
        const joined = E.tryCatch(() => {
          if (options.multicast !== undefined) joinGroup(socket, options.family, options.multicast)
        }, socketError)
        if (E.isLeft(joined)) {
          subscriber.next(joined)
          subscriber.complete()
          return
        }
        subscriber.next(
          E.right({
            local: { host: address, port },
            datagram$: received$.asObservable(),
            send: (bytes, to) => {
              if (isClosed || isIP(to.host) !== options.family || !isPort(to.port)) return
              // With somebody to tell, the socket keeps the failure from its 'error'.
              socket.send(bytes, to.port, to.host, ignoreFailure)
            },
          }),
        )
      })
      const bound = E.tryCatch(() => bind(socket, options), identity)
      if (E.isLeft(bound)) refuse(bound.left)
      return close
    }),
})

const socketOptions = ({ family, multicast, receiveBytes }: BindOptions): SocketOptions => ({
  type: family === 4 ? 'udp4' : 'udp6',
  ipv6Only: family === 6,
  reuseAddr: multicast !== undefined,
  ...(receiveBytes === undefined ? {} : { recvBufferSize: receiveBytes }),
  // At once, and for addresses alone: the system answers for what is none.
  lookup: (hostname, _, callback) => {
    callback(null, hostname, family)
  },
})

const bind = (socket: Socket, { port, host }: BindOptions): void => {
  // `node:dgram` would take 70 000 for 4 464.
  if (port !== 0 && !isPort(port)) throw Object.assign(new Error('no port'), { code: 'ERR_SOCKET_BAD_PORT' })
  socket.bind({ port, exclusive: true, ...(host === undefined ? {} : { address: host }) })
}

const isPort = (port: number): boolean => Number.isInteger(port) && port > 0 && port <= 0xffff

const identity = (thrown: unknown): unknown => thrown

const ignoreFailure = (): void => undefined
