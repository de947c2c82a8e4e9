import type { IncomingMessage, ServerResponse } from 'node:http'
import type { LookupFunction } from 'node:net'
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { IpScope } from '../../../src/codecs/ipAddress.js'
import type { WebSeedError, WebSeedRead } from '../../../src/streams/deps.js'
import { nodeWebSeeds, type NodeWebSeedOptions } from '../../../src/streams/node/webSeeds.js'
import { fileServer, type FileServer } from '../../support/fileServer.js'
import { httpServer, httpsServer, rawServer } from '../../support/httpServers.js'
import { LOCALHOST_CERTIFICATE } from '../../support/localhostCertificate.js'
import { until } from '../../support/until.js'

const content = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251)

/** All that one read gives: its bytes, or why not. */
const readAll = async (
  read: WebSeedRead,
  options: NodeWebSeedOptions = {},
): Promise<Either<WebSeedError, Uint8Array>> => {
  const connection = nodeWebSeeds(options).open()
  const chunks = await lastValueFrom(connection.read(read).pipe(toArray()))
  connection.close()
  const failed = chunks.find(E.isLeft)
  return failed ?? E.right(Buffer.concat(chunks.flatMap((chunk) => (E.isRight(chunk) ? [chunk.right] : []))))
}

const serving = (
  first?: (request: IncomingMessage, response: ServerResponse) => boolean,
): Promise<FileServer> => fileServer(new Map([['/a', content]]), first)

const rangeOf = (server: { readonly host: string }, first = 10, length = 50_000): WebSeedRead => ({
  url: `http://${server.host}/a`,
  range: { first, of: content.length },
  length,
})

describe('a web seed over HTTP', () => {
  it('gives the range that was asked for', async () => {
    const server = await serving()
    const read = await readAll(rangeOf(server))
    expect(read).toEqual(E.right(Buffer.from(content.subarray(10, 50_010))))
    expect(server.asked).toEqual([{ path: '/a', range: 'bytes=10-50009' }])
  })

  it('keeps its connection from read to read, and closes it at the end', async () => {
    const server = await serving()
    const connection = nodeWebSeeds().open()
    for (let i = 0; i < 5; i++) {
      await lastValueFrom(connection.read(rangeOf(server, i * 100, 100)))
    }
    expect(server.accepted()).toBe(1)
    connection.close()
    await server.quiet()
  })

  it('does so over TLS, where the certificate is vouched for', async () => {
    const server = await httpsServer((_, response) =>
      response.writeHead(206, { 'content-range': 'bytes 10-12/100000', 'content-length': '3' }).end('abc'),
    )
    const lookup: LookupFunction = (_, __, callback) => {
      callback(null, [{ address: '127.0.0.1', family: 4 }])
    }
    const read = (host: string): WebSeedRead => ({
      ...rangeOf(server, 10, 3),
      url: `https://${host}:${String(server.port)}/a`,
    })
    const connection = nodeWebSeeds({ lookup, ca: LOCALHOST_CERTIFICATE }).open()
    for (let i = 0; i < 3; i++) {
      expect(await lastValueFrom(connection.read(read('tracker.test')))).toEqual(E.right(Buffer.from('abc')))
    }
    expect(server.accepted()).toBe(1)
    expect(await lastValueFrom(connection.read(read('other.test')))).toMatchObject(
      E.left({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }),
    )
    connection.close()
    await server.quiet()
  })

  it('takes the whole file where that is what was meant, whatever the status', async () => {
    const server = await httpServer((_, response) => response.end(content))
    const read = await readAll(rangeOf(server, 0, content.length))
    expect(read).toEqual(E.right(Buffer.from(content)))
  })

  it('follows redirects, and goes where they led at once the next time', async () => {
    const server = await serving()
    const door = await httpServer((request, response) =>
      response.writeHead(302, { location: `http://${server.host}${request.url ?? ''}` }).end(),
    )
    const connection = nodeWebSeeds().open()
    for (let i = 0; i < 3; i++) {
      expect(E.isRight(await lastValueFrom(connection.read(rangeOf(door, 0, 100))))).toBe(true)
    }
    expect(door.accepted()).toBe(1)
    expect(server.asked).toHaveLength(3)
    connection.close()
  })

  it.each<[string, (request: IncomingMessage, response: ServerResponse) => void, WebSeedError['_tag']]>([
    ['nothing there', (_, response) => response.writeHead(404).end(), 'WebSeedStatus'],
    ['busy', (_, response) => response.writeHead(503, { 'retry-after': '60' }).end(), 'WebSeedStatus'],
    ['the range ignored', (_, response) => response.end(content), 'WebSeedRangeIgnored'],
    [
      'another range',
      (_, response) =>
        response.writeHead(206, { 'content-range': 'bytes 0-49999/100000' }).end(content.subarray(0, 50_000)),
      'WebSeedRangeIgnored',
    ],
    [
      'no word of the range',
      (_, response) => response.writeHead(206).end(content.subarray(10, 50_010)),
      'WebSeedRangeIgnored',
    ],
    [
      'another length',
      (_, response) =>
        response
          .writeHead(206, { 'content-range': 'bytes 10-50009/100000', 'content-length': '5' })
          .end('short'),
      'WebSeedRangeIgnored',
    ],
    [
      'an encoding',
      (_, response) =>
        response
          .writeHead(206, { 'content-range': 'bytes 10-50009/100000', 'content-encoding': 'gzip' })
          .end('x'),
      'WebSeedRangeIgnored',
    ],
    [
      'redirects without end',
      (request, response) => response.writeHead(302, { location: request.url }).end(),
      'WebSeedRefused',
    ],
    [
      'a redirect to a file',
      (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
      'WebSeedRefused',
    ],
  ])('tells of %s', async (_, listener, tag) => {
    const server = await httpServer(listener)
    const read = await readAll(rangeOf(server))
    expect(read).toEqual(E.left(expect.objectContaining({ _tag: tag })))
    await server.quiet()
  })

  it('stops reading what goes on without end', async () => {
    const server = await httpServer((request, response) => {
      response.writeHead(206, { 'content-range': 'bytes 10-50009/100000', 'transfer-encoding': 'chunked' })
      const more = (): void => {
        while (response.write(Buffer.alloc(65_536))) if (response.destroyed) return
      }
      response.on('drain', more)
      request.on('close', () => response.destroy())
      more()
    })
    expect(await readAll(rangeOf(server))).toEqual(E.left({ _tag: 'WebSeedRangeIgnored' }))
    await server.quiet()
  })

  it('tells of an answer that ends too soon, or is none', async () => {
    const short = await rawServer((socket) =>
      socket.end(
        'HTTP/1.1 206 x\r\ncontent-range: bytes 10-50009/100000\r\ncontent-length: 50000\r\n\r\nfew',
      ),
    )
    expect(await readAll(rangeOf(short))).toEqual(E.left({ _tag: 'WebSeedUnreachable', code: 'ECONNRESET' }))
    const nonsense = await rawServer((socket) => socket.end('220 mail\r\n'))
    expect(await readAll(rangeOf(nonsense))).toEqual(
      E.left({ _tag: 'WebSeedUnreachable', code: expect.stringMatching(/^HPE_/) as string }),
    )
  })

  it('tells of an answer in another protocol', async () => {
    const server = await rawServer((socket) =>
      socket.write('HTTP/1.1 101 x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    )
    expect(await readAll(rangeOf(server))).toEqual(E.left({ _tag: 'WebSeedUnreachable', code: 'ECONNRESET' }))
    await server.quiet()
  })

  it('asks for the way again where the one that redirects led before is shut', async () => {
    const ways = new Set<string | undefined>()
    const server = await serving((request, response) => {
      const isShut = ways.has(request.url)
      ways.add(request.url)
      if (isShut) response.writeHead(403).end()
      return isShut
    })
    let asked = 0
    const door = await httpServer((_, response) =>
      response.writeHead(302, { location: `http://${server.host}/a?way=${String(asked++)}` }).end(),
    )
    const connection = nodeWebSeeds({ scopeOf: () => 'global' }).open()
    for (let i = 0; i < 3; i++) {
      expect(E.isRight(await lastValueFrom(connection.read(rangeOf(door))))).toBe(true)
    }
    expect(asked).toBe(3)
    connection.close()
  })

  it('asks once more where a kept connection turns out to be closed', async () => {
    const server = await rawServer((socket) =>
      socket.end('HTTP/1.1 206 x\r\ncontent-range: bytes 10-12/100000\r\ncontent-length: 3\r\n\r\nabc'),
    )
    const connection = nodeWebSeeds().open()
    for (let i = 0; i < 20; i++) {
      expect(await lastValueFrom(connection.read(rangeOf(server, 10, 3)))).toEqual(
        E.right(Buffer.from('abc')),
      )
    }
    connection.close()
  })

  it('hangs up on who goes on talking after an answer', async () => {
    const server = await rawServer((socket) => {
      socket.write('HTTP/1.1 206 x\r\ncontent-range: bytes 10-12/100000\r\ncontent-length: 3\r\n\r\nabc')
      const talk = (): void => {
        if (!socket.destroyed && socket.write('more')) setImmediate(talk)
      }
      setTimeout(talk, 20)
      socket.on('drain', talk)
    })
    const connection = nodeWebSeeds().open()
    await lastValueFrom(connection.read(rangeOf(server, 10, 3)))
    await server.quiet()
    connection.close()
  })

  it('keeps what is under way, to however many servers redirects lead', async () => {
    const responses: ServerResponse[] = []
    const slow = await httpServer((_, response) => {
      response.writeHead(206, { 'content-range': 'bytes 10-12/100000', 'content-length': '3' }).write('ab')
      responses.push(response)
    })
    const connection = nodeWebSeeds().open()
    const reading = lastValueFrom(connection.read(rangeOf(slow, 10, 3)).pipe(toArray()))
    await until(() => responses.length === 1)
    for (let i = 0; i < 20; i++) await lastValueFrom(connection.read(rangeOf(await serving())))
    responses[0]!.end('c')
    expect((await reading).every(E.isRight)).toBe(true)
    connection.close()
  })

  it('does not wait for who falls silent', async () => {
    const server = await httpServer((_, response) => {
      response.writeHead(206, { 'content-range': 'bytes 10-50009/100000', 'content-length': '50000' })
      response.write('a few')
    })
    expect(await readAll(rangeOf(server), { receiveTimeout: 100 })).toEqual(
      E.left({ _tag: 'WebSeedTimeout' }),
    )
    await server.quiet()
  })

  it.each([
    ['begins', 'HTTP/1.1 206 x\r\nx: ', 'x'],
    ['is put off', '', 'HTTP/1.1 102 x\r\n\r\n'],
  ])('does not wait for an answer that %s without end', async (_, start, more) => {
    const server = await rawServer((socket) => {
      socket.write(start)
      const timer = setInterval(() => socket.write(more), 10)
      socket.on('close', () => {
        clearInterval(timer)
      })
    })
    expect(await readAll(rangeOf(server), { receiveTimeout: 100 })).toEqual(
      E.left({ _tag: 'WebSeedTimeout' }),
    )
    await server.quiet()
  })

  it('asks no machine of the local network by a URL with a query', async () => {
    const server = await serving()
    const read = { ...rangeOf(server), url: `http://${server.host}/a?shutdown=1` }
    expect(await readAll(read)).toEqual(E.left({ _tag: 'WebSeedRefused' }))
    expect(server.accepted()).toBe(0)
  })

  it('does not follow from the internet into the local network', async () => {
    const inside = await serving()
    const outside = await httpServer(
      (_, response) => response.writeHead(302, { location: `http://${inside.host}/a` }).end(),
      '::1',
    )
    const scopeOf = (ip: Uint8Array): IpScope => (ip.length === 16 ? 'global' : 'loopback')
    const read = { ...rangeOf(outside), url: `http://[::1]:${String(outside.port)}/a` }
    expect(await readAll(read, { scopeOf })).toEqual(E.left({ _tag: 'WebSeedRefused' }))
    expect(outside.accepted()).toBe(1)
    expect(inside.accepted()).toBe(0)
  })

  it('aborts when nobody listens any more', async () => {
    const server = await httpServer((_, response) => {
      response.writeHead(206, { 'content-range': 'bytes 10-50009/100000', 'content-length': '50000' })
      response.write('a few')
    })
    const connection = nodeWebSeeds().open()
    await firstValueFrom(connection.read(rangeOf(server)))
    await server.quiet()
    connection.close()
  })
})
