import { createServer, connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { peerSocket } from '../../../src/streams/node/peerSocket.js'
import { until } from '../../support/until.js'

describe('peerSocket', () => {
  it('still tells of a drain that it owes after a smaller write found room', async () => {
    const accepted: Socket[] = []
    const server = createServer((socket) => accepted.push(socket)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const socket = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1')
    await once(socket, 'connect')
    const peer = peerSocket(socket, { host: '127.0.0.1', port: 1 }, () => () => undefined)
    let drains = 0
    const subscription = peer.drain$.subscribe({ next: () => drains++, error: () => expect.fail() })

    // Bytes are queued here only when the kernel takes no more.
    accepted[0]?.pause()
    while (peer.write([new Uint8Array(1024 * 1024)]));
    const length = Object.getOwnPropertyDescriptor(socket, 'writableLength')
    // What is queued counts as gone for the next write, as when it left between the two.
    Object.defineProperty(socket, 'writableLength', { value: 10, configurable: true })
    expect(peer.write([new Uint8Array(5)])).toBe(false)
    if (length === undefined) Reflect.deleteProperty(socket, 'writableLength')
    accepted[0]?.resume()
    await until(() => drains === 1)
    subscription.unsubscribe()
    socket.destroy()
    accepted[0]?.destroy()
    server.close()
    await once(server, 'close')
  })
})
