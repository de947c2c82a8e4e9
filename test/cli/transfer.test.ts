import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeTorrent, writeFiles } from '../support/makeTorrent.js'
import { tempDir } from '../support/tempDir.js'
import { rxtorrent, start, type Running } from './support/rxtorrent.js'

const torrent = makeTorrent({ pieceLength: 32_768, files: [400_000, 0, 1, 123_456] })

interface Place {
  readonly path: string
  readonly data: string
  readonly downloads: string
}

const setUp = async (): Promise<Place> => {
  const folder = await tempDir()
  const path = join(folder, 'test.torrent')
  const data = join(folder, 'seeded')
  await writeFile(path, torrent.bytes)
  await writeFiles(torrent, data)
  return { path, data, downloads: join(folder, 'downloads') }
}

const seed = async ({ path, data }: Place): Promise<{ readonly seeder: Running; readonly peer: string }> => {
  const seeder = start(['seed', path, '--data', data, '--json'])
  const { port } = await seeder.event('listening')
  await seeder.event('complete')
  return { seeder, peer: `localhost:${String(port)}` }
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
    const { code, stderr } = await rxtorrent(['seed', place.path, '--data', place.data, '-q'])
    expect(code).toBe(6)
    expect(stderr).toMatch(/^rxtorrent: [^\n]* missing or damaged; [^\n]*download [^\n]*\n$/)
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
