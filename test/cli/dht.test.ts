import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { firstValueFrom } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { dht } from '../../src/streams/node/nodeDht.js'
import { makeTorrent, writeFiles } from '../support/makeTorrent.js'
import { rethrow } from '../support/rethrow.js'
import { tempDir } from '../support/tempDir.js'
import { rxtorrent, start } from './support/rxtorrent.js'

/** Some nodes on this machine; how a command is told of them. */
const network = async (): Promise<ReadonlyArray<string>> => {
  const ports: number[] = []
  for (let i = 0; i < 4; i++) {
    const node = dht({
      addresses: [{ family: 4, port: 0, host: '127.0.0.1' }],
      bootstrap: ports.slice(0, 1).map((port) => ({ host: '127.0.0.1', port })),
    })
    const running = node.state$.subscribe({ error: rethrow })
    onTestFinished(() => {
      running.unsubscribe()
    })
    ports.push(await firstValueFrom(node.port$))
  }
  return ports.slice(-2).flatMap((port) => ['--dht-bootstrap', `127.0.0.1:${String(port)}`])
}

/** A port at which there is nobody. */
const nobody = ['--dht-bootstrap', '127.0.0.1:1']

describe('rxtorrent dht', () => {
  it('puts a value and gets it, by its target', async () => {
    const to = await network()
    const put = await rxtorrent(['dht', 'put', 'hello, world', ...to])
    expect(put).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f]{40}\n$/) as string })
    expect(put.stderr).toMatch(/^stored with \d nodes?, for two hours\n$/)
    const target = put.stdout.trim()
    expect(await rxtorrent(['dht', 'get', target, ...to])).toEqual({
      code: 0,
      stdout: 'hello, world\n',
      stderr: '',
    })
    const json = await rxtorrent(['dht', 'get', target, '--json', ...to])
    expect(JSON.parse(json.stdout)).toEqual({
      event: 'item',
      target,
      key: null,
      seq: null,
      text: 'hello, world',
      bencoded: Buffer.from('12:hello, world').toString('hex'),
    })
  })

  it('replaces what a key has, and makes the key', async () => {
    const to = await network()
    const file = join(await tempDir(), 'my.key')
    const salted = ['--salt', 'blog', ...to]
    const first = await rxtorrent(['dht', 'put', 'one', '--key', file, ...salted])
    expect(first).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[0-9a-f]{64}\n$/) as string })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const secret = await readFile(file, 'utf8')
    const second = await rxtorrent(['dht', 'put', 'two', '--key', file, '--json', ...salted])
    const key = first.stdout.trim()
    expect(JSON.parse(second.stdout)).toMatchObject({ event: 'stored', key, seq: 2, text: 'two' })
    expect(await readFile(file, 'utf8')).toBe(secret)
    expect(first.stdout + second.stdout).not.toContain(secret.trim())
    expect(await rxtorrent(['dht', 'get', key, ...salted])).toMatchObject({ code: 0, stdout: 'two\n' })
    expect(await rxtorrent(['dht', 'get', key, ...to])).toMatchObject({ code: 4, stdout: '' })
  })

  it('tells that nobody has it from that there is nobody', async () => {
    const to = await network()
    const target = 'ab'.repeat(20)
    expect(await rxtorrent(['dht', 'get', target, ...to])).toEqual({
      code: 4,
      stdout: '',
      stderr: `rxtorrent: ${target}: nobody in the DHT has it\n`,
    })
    const message = 'nobody in the DHT answered: no way into it from here'
    const stderr = `rxtorrent: ${message}\n`
    expect(await rxtorrent(['dht', 'get', target, ...nobody])).toEqual({ code: 9, stdout: '', stderr })
    expect(await rxtorrent(['dht', 'put', 'x', '--json', ...nobody])).toEqual({
      code: 9,
      stdout: `{"event":"error","exitCode":9,"message":"${message}"}\n`,
      stderr,
    })
  })

  it('refuses what is too long, and a file that is no key', async () => {
    expect(await rxtorrent(['dht', 'put', 'x'.repeat(1_000), ...nobody])).toMatchObject({ code: 2 })
    const file = join(await tempDir(), 'no.key')
    await writeFile(file, 'no key')
    expect(await rxtorrent(['dht', 'put', 'x', '--key', file, ...nobody])).toMatchObject({ code: 2 })
    expect(await rxtorrent(['dht', 'put', 'x', '--key', join(file, 'x'), ...nobody])).toMatchObject({
      code: 5,
    })
  })
})

describe('rxtorrent seed and download', () => {
  it.each([false, true])(
    'say that the port of the DHT is taken, and do without; with --json: %s',
    async (json) => {
      const socket = createSocket('udp4').bind()
      onTestFinished(() => {
        socket.close()
      })
      await once(socket, 'listening')
      const folder = await tempDir()
      const torrent = makeTorrent({ pieceLength: 32_768, files: [40_000] })
      const path = join(folder, 'test.torrent')
      await writeFile(path, torrent.bytes)
      await writeFiles(torrent, folder)
      const at = ['--port', String(socket.address().port), ...nobody]
      const more = json ? ['--json'] : []
      const seeded = await rxtorrent(['seed', path, '--data', folder, '--seed-time', '1', ...at, ...more])
      expect(seeded.code).toBe(0)
      expect(json ? seeded.stdout : seeded.stderr).toContain(
        json
          ? '{"event":"dhtUnavailable","family":4,"code":"EADDRINUSE"}\n'
          : 'no DHT over IPv4 (EADDRINUSE)\n',
      )
    },
  )

  it('find each other by the DHT, without tracker or address', async () => {
    const to = await network()
    const torrent = makeTorrent({ pieceLength: 32_768, files: [400_000] })
    const folder = await tempDir()
    const path = join(folder, 'test.torrent')
    await writeFile(path, torrent.bytes)
    await writeFiles(torrent, join(folder, 'seeded'))
    const seeder = start(['seed', path, '--data', join(folder, 'seeded'), '--json', ...to])
    await seeder.event('listening')
    const download = await rxtorrent(['download', path, '-o', join(folder, 'got'), '--timeout', '60', ...to])
    expect(download).toMatchObject({ code: 0 })
    await expect(stat(join(folder, 'got', '.rxtorrent', 'dht.resume'))).resolves.toBeDefined()
  })
})
