import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { firstValueFrom } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import * as E from '#fp/Either'
import { fromUtf8, toUtf8 } from '../../../../src/codecs/bytes.js'
import { gatewayHttp } from '../../../../src/streams/node/portMapping/gatewayHttp.js'
import { rethrow } from '../../../support/rethrow.js'
import { until } from '../../../support/until.js'

const listen = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  return (server.address() as AddressInfo).port
}
const serve = (listener: RequestListener): Promise<number> => listen(createServer(listener))
const at = (port: number): { readonly host: string; readonly port: number; readonly path: string } => ({
  host: '127.0.0.1',
  port,
  path: '/a?b',
})

describe('gatewayHttp', () => {
  it('gets and posts', async () => {
    const seen: IncomingMessage[] = []
    const port = await serve((request, response) => {
      seen.push(request)
      request.pipe(response)
    })
    expect(await firstValueFrom(gatewayHttp(at(port)))).toEqual(
      E.right({ status: 200, body: new Uint8Array() }),
    )
    const call = { headers: { soapaction: '"x#Y"' }, body: toUtf8('<a/>') }
    const answered = await firstValueFrom(gatewayHttp(at(port), call))
    expect(E.isRight(answered) && fromUtf8(answered.right.body)).toBe('<a/>')
    expect(seen.map(({ method, url }) => [method, url])).toEqual([
      ['GET', '/a?b'],
      ['POST', '/a?b'],
    ])
    expect(seen[1]?.headers).toMatchObject({ soapaction: '"x#Y"', 'content-length': '4' })
  })

  it('follows no redirect', async () => {
    let asked = 0
    const port = await serve((_, response) => {
      asked += 1
      response.writeHead(302, { location: '/elsewhere' }).end()
    })
    expect(await firstValueFrom(gatewayHttp(at(port)))).toMatchObject({ right: { status: 302 } })
    expect(asked).toBe(1)
  })

  it('reads 256 KiB at most', async () => {
    const port = await serve((_, response) => response.end(Buffer.alloc(300_000)))
    expect(await firstValueFrom(gatewayHttp(at(port)))).toEqual(E.left('EMSGSIZE'))
  })

  it('says what went wrong', async () => {
    const refused = createTcpServer()
    const port = await listen(refused)
    refused.close()
    await once(refused, 'close')
    expect(await firstValueFrom(gatewayHttp(at(port)))).toEqual(E.left('ECONNREFUSED'))
    const cut = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('1', () => response.destroy())
    })
    expect(await firstValueFrom(gatewayHttp(at(cut)))).toEqual(E.left('ECONNRESET'))
    const noise = await listen(createTcpServer((socket) => socket.end('hello\r\n\r\n')))
    expect(await firstValueFrom(gatewayHttp(at(noise)))).toHaveProperty('left')
  })

  it('gives up on who says nothing', async () => {
    const port = await serve(() => undefined)
    expect(await firstValueFrom(gatewayHttp(at(port)))).toEqual(E.left('ETIMEDOUT'))
  })

  it('lets go when it is left', async () => {
    let isClosed = false
    let isAsked = false
    const port = await serve((request) => {
      isAsked = true
      request.socket.once('close', () => (isClosed = true))
    })
    const subscription = gatewayHttp(at(port)).subscribe({ error: rethrow })
    await until(() => isAsked)
    subscription.unsubscribe()
    await until(() => isClosed)
    expect(isClosed).toBe(true)
  })
})
