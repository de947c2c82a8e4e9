import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { firstValueFrom, lastValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { session } from '../../src/index.js'
import { fileServer } from '../support/fileServer.js'
import { makeTorrent, writeFiles } from '../support/makeTorrent.js'
import { tempDir } from '../support/tempDir.js'
import { rxtorrent, start, type Running } from './support/rxtorrent.js'
import { type Place, seededPlace } from './support/seededPlace.js'

const torrent = makeTorrent({ pieceLength: 32_768, files: [400_000, 0, 1, 123_456] })

const setUp = (): Promise<Place> => seededPlace(torrent)

const seed = async ({ path, data }: Place): Promise<{ readonly seeder: Running; readonly peer: string }> => {
  const seeder = start(['seed', path, '--data', data, '--json'])
  const { port } = await seeder.event('listening')
  await seeder.event('complete')
  return { seeder, peer: `localhost:${String(port)}` }
}

/** Where nobody listens. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

const expectDownloaded = async (downloads: string): Promise<void> => {
  for (const { path, offset, length } of torrent.metainfo.files)
    expect(
      Buffer.compare(
        await readFile(join(downloads, ...path)),
        torrent.content.subarray(offset, offset + length),
      ),
    ).toBe(0)
}

describe('rxtorrent seed and download', () => {
  it('carry the data over, and find it there the next time', async () => {
    const place = await setUp()
    const { seeder, peer } = await seed(place)
    const args = ['download', place.path, '-o', place.downloads, '--peer', peer]

    const download = start([...args, '--json'])
    expect(await download.event('complete')).toMatchObject({
      path: join(place.downloads, 'data'),
      totalBytes: torrent.content.length,
      downloaded: torrent.content.length,
    })
    const first = await download.ended
    expect(first.code).toBe(0)
    const lines = first.stdout.trim().split('\n')
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('event')
    expect(lines.at(-1)).toBe('{"event":"stopped"}')
    await expectDownloaded(place.downloads)

    const again = await rxtorrent(args)
    expect(again).toMatchObject({ code: 0, stdout: '' })
    expect(again.stderr).toContain('all there')
    expect(again.stderr).toMatch(/seed .*test\.torrent --data .*downloads\n$/)

    seeder.signal('SIGINT')
    expect(await seeder.ended).toMatchObject({
      code: 130,
      stderr: expect.stringContaining('stopped by SIGINT') as string,
    })
  })

  it('find what a program of ours has renamed: nothing is fetched, and nothing is missing', async () => {
    const folder = await tempDir()
    const single = makeTorrent({ name: 'film', pieceLength: 32_768, files: 200_000 })
    const path = join(folder, 'film.torrent')
    const data = join(folder, 'films')
    await writeFile(path, single.bytes)
    await writeFiles(single, data)
    const program = session(single.metainfo, { directory: data })
    const over = lastValueFrom(program.state$)
    await firstValueFrom(program.complete$)
    await firstValueFrom(program.rename(0, ['seen', 'a film']))
    program.send({ _tag: 'Stop' })
    await over
    expect(await readdir(data)).toEqual(['.rxtorrent', 'seen'])

    // Nobody to fetch from.
    const again = await rxtorrent(['download', path, '-o', data])
    expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('all there') as string })
    const refusing = await rxtorrent(['download', path, '-o', data, '--on-conflict', 'fail'])
    expect(refusing.code).toBe(0)
    const seeder = start(['seed', path, '--data', data, '--json'])
    expect(await seeder.event('complete')).toMatchObject({ totalBytes: 200_000, downloaded: 0 })
    seeder.signal('SIGINT')
    expect((await seeder.ended).code).toBe(130)
    expect((await rxtorrent(['verify', path, '--data', data])).code).toBe(0)
    expect((await readdir(data)).sort()).toEqual(['.rxtorrent', 'seen'])
  })

  it('go on from what is there', async () => {
    const place = await setUp()
    const { peer } = await seed(place)
    await mkdir(join(place.downloads, 'data'), { recursive: true })
    await writeFile(join(place.downloads, 'data', '0.bin'), torrent.content.subarray(0, 200_000))
    const download = start(['download', place.path, '-o', place.downloads, '--peer', peer, '--json'])
    expect(await download.event('checked')).toMatchObject({ havePieces: 6 })
    const { downloaded } = await download.event('complete')
    expect(downloaded).toBe(torrent.content.length - 6 * 32_768)
    expect((await download.ended).code).toBe(0)
    await expectDownloaded(place.downloads)
  })

  it('stop at SIGTERM with 143', async () => {
    const { path, downloads } = await setUp()
    const download = start(['download', path, '-o', downloads, '--json'])
    await download.event('listening')
    download.signal('SIGTERM')
    const { code, stdout, stderr } = await download.ended
    expect(code).toBe(143)
    expect(stdout).toMatch(/\{"event":"stopped"\}\n$/)
    expect(stderr).toMatch(/rxtorrent: stopped by SIGTERM at 0\.0 %; .*\n$/)
  })

  it('leave at once at the second signal', async () => {
    const { path, downloads } = await setUp()
    const download = start(['download', path, '-o', downloads, '--json'])
    await download.event('listening')
    download.signal('SIGINT')
    download.signal('SIGINT')
    expect((await download.ended).code).toBe(130)
  })

  it('give up without peers after the time given', async () => {
    const { path, downloads } = await setUp()
    const { code, stderr } = await rxtorrent(['download', path, '-o', downloads, '--timeout', '0.5', '-q'])
    expect(code).toBe(4)
    expect(stderr).toMatch(/^rxtorrent: no peers[^\n]*\n$/)
  })

  it('find out before anything else that a folder cannot be written to', async () => {
    const { path, downloads } = await setUp()
    const folder = join(downloads, '..')
    await symlink('nowhere', join(folder, 'dangling'))
    const cases = [
      [path, 'is not a folder'],
      [join(path, 'below'), 'not a folder'],
      [join(folder, 'dangling'), 'a symlink that leads nowhere'],
      ...(existsSync('/proc/self') ? [['/proc/rxtorrent', 'cannot make /proc/rxtorrent']] : []),
    ] as const
    for (const [output, said] of cases) {
      const { code, stdout, stderr } = await rxtorrent(['download', path, '-o', output, '--json'])
      expect({ code, stdout }).toEqual({ code: 5, stdout: '' })
      expect(stderr).toMatch(/^rxtorrent: [^\n]+\n$/)
      expect(stderr).toContain(said)
    }
  })

  it.skipIf(process.getuid?.() === 0)('find out that a folder is not theirs', async () => {
    const { path, downloads } = await setUp()
    await mkdir(downloads, { mode: 0o500 })
    const { code, stderr } = await rxtorrent(['download', path, '-o', downloads])
    expect(code).toBe(5)
    expect(stderr).toContain(`cannot write to ${downloads}: permission denied`)
  })

  it('tell once what is wrong with a peer that was named', async () => {
    const place = await setUp()
    const { peer } = await seed(place)
    const other = join(place.downloads, '..', 'other.torrent')
    await writeFile(other, makeTorrent({ pieceLength: 32_768, files: 9, seed: 2 }).bytes)
    const free = await freePort()
    const { code, stderr } = await rxtorrent([
      // Long enough for the dial by uTP that follows a refusal.
      ...['download', other, '-o', place.downloads, '--timeout', '8'],
      ...['--peer', peer, '--peer', `127.0.0.1:${String(free)}`],
    ])
    expect(code).toBe(4)
    const about = stderr.split('\n').filter((line) => line.startsWith('peer '))
    expect(about.toSorted()).toEqual([
      `peer 127.0.0.1:${String(free)}: refused (ECONNREFUSED)`,
      `peer ${peer}: hung up before the handshake: perhaps it has not this torrent, or wants another --encryption`,
    ])
  })

  it('say that there is nobody to ask', async () => {
    const { path, downloads } = await setUp()
    const { stderr } = await rxtorrent(['download', path, '-o', downloads, '--timeout', '0.5'])
    expect(stderr).toMatch(/^no tracker or web seed in this torrent and no --peer: nobody to ask$/m)
  })

  it('do not say so where all is there', async () => {
    const { path, data } = await setUp()
    const { code, stderr } = await rxtorrent(['download', path, '-o', data])
    expect(code).toBe(0)
    expect(stderr).not.toContain('nobody to ask')
  })

  it('ask web seeds where there is nobody else', async () => {
    const { metainfo, content } = torrent
    const server = await fileServer(
      new Map(
        metainfo.files.map(({ path, offset, length }) => [
          `/${path.join('/')}`,
          content.subarray(offset, offset + length),
        ]),
      ),
    )
    const { path, downloads } = await setUp()
    const webSeeds = [`http://${server.host}/`]
    await writeFile(
      path,
      makeTorrent({ pieceLength: 32_768, files: [400_000, 0, 1, 123_456], webSeeds }).bytes,
    )
    const without = ['--no-web-seeds', '--timeout', '0.5']
    const alone = await rxtorrent(['download', path, '-o', downloads, ...without])
    expect(alone.stderr).toMatch(/^no tracker in this torrent, --no-web-seeds and no --peer: nobody to ask$/m)
    expect([alone.code, server.accepted()]).toEqual([4, 0])
    const { code, stderr } = await rxtorrent(['download', path, '-o', downloads])
    expect(stderr).not.toContain('nobody to ask')
    expect(code).toBe(0)
    await expectDownloaded(downloads)
  })

  it('do not do without the port that was asked for', async () => {
    const place = await setUp()
    const { seeder, peer } = await seed(place)
    const port = peer.split(':')[1] ?? ''
    for (const args of [
      ['seed', place.path, '--data', place.data],
      ['download', place.path, '-o', place.downloads],
    ]) {
      const { code, stderr } = await rxtorrent([...args, '--port', port])
      expect(code).toBe(8)
      expect(stderr).toContain(`rxtorrent: cannot listen on port ${port}: it is in use (EADDRINUSE)\n`)
      expect(stderr).not.toContain('others cannot connect')
    }
    seeder.signal('SIGTERM')
    await seeder.ended
  })

  it('say that the disk is at fault', async () => {
    const place = await setUp()
    const { peer } = await seed(place)
    await mkdir(place.downloads)
    await writeFile(join(place.downloads, 'data'), 'in the way')
    const { code, stderr } = await rxtorrent([
      'download',
      place.path,
      '-o',
      place.downloads,
      '--peer',
      peer,
      '-q',
    ])
    expect(code).toBe(5)
    expect(stderr).toMatch(/^rxtorrent: cannot [^\n]*\n$/)
    expect(await readFile(join(place.downloads, 'data'), 'utf8')).toBe('in the way')
  })

  it('do not seed what is not all there', async () => {
    const place = await setUp()
    await writeFile(join(place.data, 'data', '3.bin'), 'short')
    const { code, stderr } = await rxtorrent(['seed', place.path, '--data', place.data])
    expect(code).toBe(6)
    expect(stderr).not.toContain('listening')
    expect(stderr).toMatch(/^rxtorrent: [^\n]* missing or damaged; [^\n]*download [^\n]*\n$/m)
  })

  it('go on when nobody reads what they print', async () => {
    const place = await setUp()
    const { peer } = await seed(place)
    const download = start(['download', place.path, '-o', place.downloads, '--peer', peer, '--json'])
    download.closeStdout()
    expect((await download.ended).code).toBe(0)
    await expectDownloaded(place.downloads)
  })

  it('name a host that there is not, and go on without it', async () => {
    const { path, downloads } = await setUp()
    const { code, stderr } = await rxtorrent([
      ...['download', path, '-o', downloads, '--timeout', '0.5', '--peer', 'no-such-host.invalid:1'],
    ])
    expect(code).toBe(4)
    expect(stderr).toContain('no-such-host.invalid:1')
  })
})

describe('rxtorrent demo', () => {
  it('shows a whole swarm, and leaves nothing behind', async () => {
    const folder = await tempDir()
    const { code, stdout, stderr } = await rxtorrent(['demo'], { env: { TMPDIR: folder } })
    expect(stderr).toContain('every byte of 9 files is the same')
    expect(stdout).toBe('')
    expect(code).toBe(0)
    expect(await readdir(folder)).toEqual([])
  })
})
