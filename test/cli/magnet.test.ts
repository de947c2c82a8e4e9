import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import * as O from '#fp/Option'
import { toHex } from '../../src/codecs/bytes.js'
import { encodeMagnet, magnetOf } from '../../src/codecs/magnet.js'
import { bencode } from '../support/bencode.js'
import { makeTorrent, writeFiles } from '../support/makeTorrent.js'
import { tempDir } from '../support/tempDir.js'
import { rxtorrent, start } from './support/rxtorrent.js'

const torrent = makeTorrent({ pieceLength: 32_768, files: [400_000, 70_000, 123_456] })
const { metainfo } = torrent
const hash = O.match(() => '', toHex)(metainfo.infohash.v1)
const link = encodeMagnet(magnetOf(metainfo))

/** A seeder, as a peer for the command line. */
const seeding = async (folder: string, seeded = torrent): Promise<string> => {
  const path = join(folder, 'test.torrent')
  const data = join(folder, 'seeded')
  await writeFile(path, seeded.bytes)
  await writeFiles(seeded, data)
  const seeder = start(['seed', path, '--data', data, '--json'])
  const { port } = await seeder.event('listening')
  await seeder.event('complete')
  return `127.0.0.1:${String(port)}`
}

/** A socket of this machine, closed when the test ends. */
const udpSocket = async (): Promise<Socket> => {
  const socket = createSocket('udp4')
  onTestFinished(() => {
    socket.close()
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

/** Whether there is a node of the DHT at a port. */
const isNodeAt = async (port: number): Promise<boolean> => {
  const socket = await udpSocket()
  socket.connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return new Promise((resolve) => {
    socket.once('message', () => {
      resolve(true)
    })
    // Nobody has the port.
    socket.once('error', () => {
      resolve(false)
    })
    socket.send(bencode({ a: { id: Buffer.alloc(20, 7) }, q: 'ping', t: 'aa', y: 'q' }))
  })
}

const lastEvent = (stdout: string): unknown => JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')

describe('rxtorrent download MAGNET', () => {
  it('fetches the metadata, then the data; the next time the torrent is there', async () => {
    const folder = await tempDir()
    const downloads = join(folder, 'downloads')
    const saved = join(folder, 'saved.torrent')
    const peer = await seeding(folder)
    const args = ['download', link, '-o', downloads, '--save-torrent', saved, '--json']

    const first = await rxtorrent([...args, '--peer', peer])
    expect(first.code).toBe(0)
    expect(first.stdout).toContain(
      `{"event":"metadataFetched","name":"data","bytes":${String(metainfo.info.length)}}`,
    )
    for (const { path, offset, length } of metainfo.files) {
      const bytes = await readFile(join(downloads, ...path))
      expect(Buffer.compare(bytes, torrent.content.subarray(offset, offset + length))).toBe(0)
    }
    expect(Buffer.compare(await readFile(saved), torrent.bytes)).toBe(0)
    expect(existsSync(join(downloads, '.rxtorrent', `${hash}.torrent`))).toBe(true)

    const again = await rxtorrent(args.slice(0, -1))
    expect(again).toMatchObject({ code: 0, stdout: '' })
    expect(again.stderr).toContain('all there')
    expect(again.stderr).toMatch(/seed .*saved\.torrent --data .*downloads\n$/)
  })

  it('takes the files that the link selects, unless others are asked for', async () => {
    const folder = await tempDir()
    const peer = await seeding(folder)
    const download = async (to: string, ...more: ReadonlyArray<string>): Promise<ReadonlyArray<boolean>> => {
      const args = ['download', `${link}&so=1`, '-o', join(folder, to), '--peer', peer, ...more]
      expect((await rxtorrent(args)).code).toBe(0)
      return [0, 1, 2].map((file) => existsSync(join(folder, to, 'data', `${String(file)}.bin`)))
    }
    expect(await download('by-link')).toEqual([false, true, false])
    expect(await download('by-option', '--select', '3')).toEqual([false, false, true])
  })

  it('takes no torrent for the link’s that is another', async () => {
    const folder = await tempDir()
    const kept = join(folder, '.rxtorrent', `${hash}.torrent`)
    const peer = await seeding(folder)
    const args = ['download', link, '-o', folder, '--peer', peer, '--json']
    expect((await rxtorrent(args)).code).toBe(0)
    const other = makeTorrent({ pieceLength: 16_384, files: 5 })
    for (const bytes of [other.bytes, Buffer.from('nonsense'), Buffer.alloc(0)]) {
      await writeFile(kept, bytes)
      const { code, stdout } = await rxtorrent(args)
      expect(code).toBe(0)
      expect(stdout).toContain('metadataFetched')
    }
  })

  it.each([false, true])(
    'looks in the DHT, and leaves it as soon as the torrent proves to be private: %s',
    async (isPrivate) => {
      const folder = await tempDir()
      const shared = makeTorrent({ pieceLength: 32_768, files: [400_000], isPrivate })
      const sharedLink = encodeMagnet(magnetOf(shared.metainfo))
      const entry = await udpSocket()
      const asked = once(entry, 'message') as Promise<[Buffer, RemoteInfo]>
      const args = [
        ...['download', sharedLink, '-o', join(folder, 'downloads'), '--json'],
        ...['--dht-bootstrap', `127.0.0.1:${String(entry.address().port)}`],
      ]
      const download = start([...args, '--seed', '--peer', await seeding(folder, shared)])
      const [, { port }] = await asked
      await download.event('complete')
      expect(await isNodeAt(port)).toBe(!isPrivate)
      download.signal('SIGINT')
      await download.ended

      // The next time it is known from the first what the torrent is.
      let heard = 0
      entry.on('message', () => heard++)
      expect((await rxtorrent(args)).code).toBe(0)
      if (isPrivate) expect(heard).toBe(0)
    },
  )

  it('says why nothing comes, and gives up after the time given', async () => {
    const folder = await tempDir()
    const args = ['download', `magnet:?xt=urn:btih:${hash}`, '-o', folder, '--timeout', '0.5']
    const { code, stderr } = await rxtorrent(args)
    expect(code).toBe(4)
    expect(stderr).toContain('nobody to ask')
    expect(stderr).toMatch(/rxtorrent: no peers[^\n]*\n$/)
    expect(existsSync(join(folder, '.rxtorrent'))).toBe(false)
    const json = await rxtorrent([...args, '--json'])
    expect(lastEvent(json.stdout)).toEqual({
      event: 'error',
      exitCode: 4,
      message: json.stderr.slice('rxtorrent: '.length, -1),
    })
  })

  it('stops at SIGINT with 130', async () => {
    const download = start(['download', link, '-o', await tempDir(), '--json'])
    await download.event('metadata')
    download.signal('SIGINT')
    const { code, stdout } = await download.ended
    expect(code).toBe(130)
    expect(lastEvent(stdout)).toEqual({ event: 'error', exitCode: 130, message: 'stopped by SIGINT' })
  })

  it('refuses a link that is none with 3, before anything else', async () => {
    const folder = join(await tempDir(), 'never-made')
    const { code, stderr } = await rxtorrent(['download', 'magnet:?xt=urn:btih:zz', '-o', folder])
    expect(code).toBe(3)
    expect(stderr).toMatch(/^rxtorrent: not a usable magnet link: [^\n]+\n$/)
    expect(existsSync(folder)).toBe(false)
  })

  it('does not write where it cannot', async () => {
    const folder = await tempDir()
    await writeFile(join(folder, 'file'), '')
    const { code } = await rxtorrent(['download', link, '-o', join(folder, 'file')])
    expect(code).toBe(5)
  })
})

describe('rxtorrent magnet and info', () => {
  it('say what a torrent’s link is, and what a link says', async () => {
    const folder = await tempDir()
    const path = join(folder, 'x.torrent')
    const info = { length: 5, name: 'a b', 'piece length': 16_384, pieces: Buffer.alloc(20) }
    await writeFile(path, bencode({ announce: 'http://t.example/announce', info }))
    const { code, stdout } = await rxtorrent(['magnet', path])
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /^magnet:\?xt=urn:btih:[0-9a-f]{40}&dn=a%20b&tr=http%3A%2F%2Ft\.example%2Fannounce\n$/,
    )
    expect(JSON.parse((await rxtorrent(['magnet', path, '--json'])).stdout)).toEqual({
      magnet: stdout.trim(),
    })

    const more = `${stdout.trim()}&x.pe=192.0.2.1:6881&so=0,2-4&ws=http://seed.example/`
    const told = await rxtorrent(['info', more])
    for (const fact of [
      'a b',
      'http://t.example/announce',
      'http://seed.example/',
      '192.0.2.1:6881',
      '1,3-5',
    ]) {
      expect(told.stdout).toContain(fact)
    }
    expect(JSON.parse((await rxtorrent(['info', more, '--json'])).stdout)).toMatchObject({
      name: 'a b',
      infoHash: { v2: null },
      trackers: [['http://t.example/announce']],
      webSeeds: ['http://seed.example/'],
      peers: ['192.0.2.1:6881'],
      select: [
        { first: 0, last: 0 },
        { first: 2, last: 4 },
      ],
    })
    expect((await rxtorrent(['info', 'magnet:?dn=x'])).code).toBe(3)
  })

  it('write control characters out', async () => {
    const { stdout } = await rxtorrent(['info', `magnet:?xt=urn:btih:${hash}&dn=%1b[2Jx`])
    expect(stdout).toContain('\\u{1b}[2Jx')
    expect(stdout).not.toContain('\u001b[2J')
  })
})
