import { createServer, type Socket } from 'node:net'
import { filter, firstValueFrom, map, switchMap, take, timeout } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { magnetOf } from '../../../src/codecs/magnet.js'
import { fetchMetainfo } from '../../../src/streams/node/fetchMetainfo.js'
import { session } from '../../../src/streams/node/nodeSession.js'
import { makeTorrent } from '../../support/makeTorrent.js'
import { memoryDisk, runSession } from '../../support/realSession.js'

const torrent = makeTorrent({ pieceLength: 16_384, files: 900 * 16_384 })
const magnet = magnetOf(torrent.metainfo)

describe('fetchMetainfo', () => {
  it('fetches from a real session, and the session that follows goes on with its peers', async () => {
    const seed = runSession(torrent, memoryDisk(torrent, torrent.content))
    const peers = [{ host: '127.0.0.1', port: await seed.port() }]
    const disk = memoryDisk(torrent)
    const done$ = fetchMetainfo(magnet, { peers }).pipe(
      filter((state) => state._tag === 'Fetched'),
      switchMap(({ metainfo, peers: known }) =>
        session(metainfo, {
          directory: 'never-made',
          peers: known,
          deps: { openStorage: disk.openStorage },
        }).complete$.pipe(
          take(1),
          map(() => known),
        ),
      ),
      take(1),
    )
    expect(await firstValueFrom(done$)).toEqual(peers)
    expect(Buffer.compare(disk.read() ?? Buffer.alloc(0), torrent.content)).toBe(0)
  })

  it('comes through among peers that are none: silent, closed, talking nonsense', async () => {
    const seed = runSession(torrent, memoryDisk(torrent, torrent.content))
    const answers: ReadonlyArray<(socket: Socket) => void> = [
      () => undefined,
      (socket) => socket.destroy(),
      (socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'),
      (socket) => socket.write(Buffer.alloc(1_000_000, 0xff)),
    ]
    const bad = await Promise.all(answers.map(listening))
    const peers = [...bad, await seed.port()].map((port) => ({ host: '127.0.0.1', port }))
    const state = await firstValueFrom(
      fetchMetainfo(magnet, { peers }).pipe(
        filter(({ _tag }) => _tag !== 'Fetching'),
        timeout(20_000),
      ),
    )
    expect(state._tag).toBe('Fetched')
  })
})

const listening = (answer: (socket: Socket) => void): Promise<number> =>
  new Promise((resolve) => {
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => undefined)
      answer(socket)
    })
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
