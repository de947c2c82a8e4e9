import type { RequestListener, Server } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { createServer as createTcpServer } from 'node:net'
import type { Server as TcpServer } from 'node:net'
import { onTestFinished } from 'vitest'
import { LOCALHOST_CERTIFICATE, LOCALHOST_KEY } from './localhostCertificate.js'

export interface TestServer {
  /** `host:port`. */
  readonly host: string
  readonly port: number
  /** Connections accepted so far. */
  readonly accepted: () => number
  /** Settles when every connection is closed. */
  readonly quiet: () => Promise<void>
}

const start = async (server: Server | TcpServer, address: string): Promise<TestServer> => {
  const sockets = new Set<Socket>()
  const waiting: (() => void)[] = []
  let accepted = 0
  server.on('connection', (socket: Socket) => {
    accepted++
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      sockets.delete(socket)
      if (sockets.size === 0) for (const wake of waiting.splice(0)) wake()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => {
          resolve()
        })
      }),
  )
  const { port } = server.address() as AddressInfo
  return {
    host: `${address}:${String(port)}`,
    port,
    accepted: () => accepted,
    quiet: () => (sockets.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  }
}

/** An HTTP server on a free port, closed after the test. */
export const httpServer = (listener: RequestListener, address = '127.0.0.1'): Promise<TestServer> =>
  start(createServer(listener), address)

/** The same over TLS, with a certificate that is not trusted by itself. */
export const httpsServer = (listener: RequestListener, address = '127.0.0.1'): Promise<TestServer> =>
  start(createTlsServer({ key: LOCALHOST_KEY, cert: LOCALHOST_CERTIFICATE }, listener), address)

/** A server that says what it likes: `talk` gets each connection once a request has begun to come. */
export const rawServer = (talk: (socket: Socket) => void, address = '127.0.0.1'): Promise<TestServer> =>
  start(
    createTcpServer((socket) => {
      socket.once('data', () => {
        talk(socket)
      })
    }),
    address,
  )
