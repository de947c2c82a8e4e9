import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { ListenEvent, Network, PeerSocket, SocketError } from '../deps.js'
import { peerSocket } from './peerSocket.js'
import { plainAddress } from './plainAddress.js'
import { socketError } from './socketError.js'

/** Connections that the system queues for us between two turns of the loop. */
const BACKLOG = 128

/** `Network.listen`. Accepted sockets are handed out paused. */
export const tcpListen: Network['listen'] = ({ port, host }) =>
  new Observable<Either<SocketError, ListenEvent>>((subscriber) => {
    const server = createServer({ pauseOnConnect: true, noDelay: true })
    server.on('error', (error) => {
      subscriber.next(E.left(socketError(error)))
      // Running out of descriptors while accepting is no reason to stop listening.
      if (!server.listening) subscriber.complete()
    })
    server.on('listening', () => {
      // A name is looked up first, and that may outlive the subscription.
      if (subscriber.closed) server.close()
      else subscriber.next(E.right({ _tag: 'Listening', port: boundPort(server) }))
    })
    server.on('connection', (raw) => {
      const socket = acceptedSocket(raw)
      if (socket === undefined || subscriber.closed) raw.destroy()
      else subscriber.next(E.right({ _tag: 'Accepted', socket }))
    })
    // Without a host, Node binds `::` for both families, or `0.0.0.0` where there is no IPv6.
    const where = host === undefined ? { port, backlog: BACKLOG } : { port, host, backlog: BACKLOG }
    const attempt = E.tryCatch(() => server.listen(where), socketError)
    if (E.isLeft(attempt)) {
      subscriber.next(attempt)
      subscriber.complete()
    }
    return () => {
      server.close()
    }
  })

/** Undefined where the peer has gone already. */
const acceptedSocket = (socket: Socket): PeerSocket | undefined => {
  socket.on('error', ignoreError)
  const { remoteAddress, remotePort } = socket
  if (remoteAddress === undefined || remotePort === undefined) return undefined
  let next: ((chunk: Uint8Array) => boolean) | undefined
  const read = (chunk: Uint8Array): void => {
    // One more that is under way comes in the next turn.
    if (next?.(chunk) === false) socket.pause()
  }
  return peerSocket(socket, { host: plainAddress(remoteAddress), port: remotePort }, (reader) => {
    if (next === undefined) socket.on('data', read)
    next = reader
  })
}

const boundPort = (server: Server): number => {
  const address = server.address()
  return address === null || typeof address === 'string' ? 0 : address.port
}

/** `peerSocket` keeps the error; this is for a socket that never becomes one. */
const ignoreError = (): void => undefined
