import { createServer, connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import type { PeerSocket } from '../../../src/streams/deps.js'
import { peerSocket } from '../../../src/streams/node/peerSocket.js'
import { until } from '../../support/until.js'

describe('peerSocket', () => {
  let close: () => Promise<void>
  afterEach(() => close())

  /** Two ends of a real connection. */
  const connected = async (): Promise<{
    readonly socket: Socket
    readonly peer: PeerSocket
    readonly other: Socket
  }> => {
    const accepted: Socket[] = []
    const server = createServer((socket) => accepted.push(socket)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const socket = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1')
    await once(socket, 'connect')
    await until(() => accepted.length === 1)
    const other = accepted[0]!
    close = async () => {
      socket.destroy()
      other.destroy()
      server.close()
      await once(server, 'close')
    }
    const peer = peerSocket(socket, { host: '127.0.0.1', port: 1 }, () => undefined)
    return { socket, peer, other }
  }

  it('still tells of a drain that it owes after a smaller write found room', async () => {
    const { socket, peer, other } = await connected()
    let drains = 0
    const subscription = peer.drain$.subscribe({ next: () => drains++, error: () => expect.fail() })

    // Bytes are queued here only when the kernel takes no more.
    other.pause()
    while (peer.write([new Uint8Array(1024 * 1024)]));
    const length = Object.getOwnPropertyDescriptor(socket, 'writableLength')
    // What is queued counts as gone for the next write, as when it left between the two.
    Object.defineProperty(socket, 'writableLength', { value: 10, configurable: true })
    expect(peer.write([new Uint8Array(5)])).toBe(false)
    if (length === undefined) Reflect.deleteProperty(socket, 'writableLength')
    other.resume()
    await until(() => drains === 1)
    subscription.unsubscribe()
  })

  it('tells of each drain once, however much was written meanwhile', async () => {
    const { socket, peer, other } = await connected()
    let drains = 0
    const subscription = peer.drain$.subscribe({ next: () => drains++, error: () => expect.fail() })
    const listeners = socket.listenerCount('drain')
    for (const expected of [1, 2, 3]) {
      other.pause()
      while (peer.write([new Uint8Array(1024 * 1024)]));
      for (let i = 0; i < 3; i++) expect(peer.write([new Uint8Array(5)])).toBe(false)
      other.resume()
      await until(() => drains >= expected)
      expect(drains).toBe(expected)
    }
    expect(socket.listenerCount('drain')).toBe(listeners)
    subscription.unsubscribe()
  })

  it('says when it looks at what was written no more, though the peer reads nothing and goes', async () => {
    const { peer, other } = await connected()
    const taken: string[] = []
    const take = (name: string) => (): void => {
      taken.push(name)
    }
    peer.write([new Uint8Array(3), new Uint8Array(4)], take('first'))
    expect(taken).toEqual([])
    await until(() => taken.length === 1)

    other.pause()
    while (peer.write([new Uint8Array(1024 * 1024)]));
    peer.write([new Uint8Array(1024 * 1024)], take('second'))
    other.destroy()
    await until(() => taken.length === 2)
    expect(taken).toEqual(['first', 'second'])
    expect(peer.write([new Uint8Array(1)], take('never'))).toBe(false)
  })
})
