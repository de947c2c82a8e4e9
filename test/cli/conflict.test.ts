import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeTorrent, writeFiles } from '../support/makeTorrent.js'
import { tempDir } from '../support/tempDir.js'
import { until } from '../support/until.js'
import { rxtorrent, start, type Ended } from './support/rxtorrent.js'

const torrent = makeTorrent({ pieceLength: 32_768, files: [300_000, 700_000, 70_000] })

interface Place {
  readonly downloads: string
  /** A download of the torrent, from a seed. */
  readonly args: ReadonlyArray<string>
}

const setUp = async (up: string): Promise<Place> => {
  const folder = await tempDir()
  const [path, data, downloads] = ['test.torrent', 'seeded', 'downloads'].map((name) => join(folder, name))
  await writeFile(path!, torrent.bytes)
  await writeFiles(torrent, data!)
  const seeder = start(['seed', path!, '--data', data!, '--up', up, '--json'])
  const { port } = await seeder.event('listening')
  const peer = `127.0.0.1:${String(port)}`
  return { downloads: downloads!, args: ['download', path!, '-o', downloads!, '--peer', peer, '--json'] }
}

const fileOf = (downloads: string, index: number): string =>
  join(downloads, ...torrent.metainfo.files[index]!.path)

const expectDownloaded = async (downloads: string): Promise<void> => {
  for (const [index, { offset, length }] of torrent.metainfo.files.entries()) {
    const bytes = await readFile(fileOf(downloads, index))
    expect(Buffer.compare(bytes, torrent.content.subarray(offset, offset + length))).toBe(0)
  }
}

/** The fields of the first event of that name. */
const eventOf = ({ stdout }: Ended, name: string): object | undefined =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { readonly event: string })
    .find(({ event }) => event === name)

describe('a download that was killed', () => {
  it('in its first seconds is known for what it is, and gone on with', async () => {
    const { downloads, args } = await setUp('400K')
    const isThere = (): boolean =>
      torrent.metainfo.files.some((_, index) => existsSync(fileOf(downloads, index)))
    const first = start([...args, '--on-conflict', 'fail'])
    // The very moment that its first file is there.
    await until(isThere)
    first.signal('SIGKILL')
    await first.ended

    const second = start([...args, '--on-conflict', 'fail'])
    await second.event('progress', ({ haveBytes }) => Number(haveBytes) > 0)
    second.signal('SIGKILL')
    await second.ended

    const last = await rxtorrent([...args, '--on-conflict', 'fail'])
    expect(last).toMatchObject({ code: 0, stderr: expect.not.stringContaining('there already') as string })
    expect(eventOf(last, 'filesForeign')).toBeUndefined()
    const { havePieces } = eventOf(last, 'checked') as { readonly havePieces: number }
    expect(havePieces).toBeGreaterThan(0)
    const { downloaded } = eventOf(last, 'complete') as { readonly downloaded: number }
    // The last piece is a short one.
    expect(downloaded).toBeLessThanOrEqual(torrent.content.length - (havePieces - 1) * 32_768)
    expect(downloaded).toBeLessThan(torrent.content.length)
    await expectDownloaded(downloads)
    expect(existsSync(join(downloads, 'data (2)'))).toBe(false)
  })
})

describe('the file of a stranger', () => {
  const letter = Buffer.from('Dear Sir or Madam, '.repeat(3_000))

  it('is a conflict, or is written over and that is told before', async () => {
    const { downloads, args } = await setUp('0.5G')
    const path = fileOf(downloads, 1)
    await mkdir(join(downloads, 'data'), { recursive: true })
    await writeFile(path, letter)

    const refused = await rxtorrent([...args, '--on-conflict', 'fail'])
    expect(refused).toMatchObject({
      code: 5,
      stderr: expect.stringContaining(`${path} is there already`) as string,
    })
    expect(Buffer.compare(await readFile(path), letter)).toBe(0)
    expect(existsSync(join(downloads, '.rxtorrent'))).toBe(false)

    const used = await rxtorrent(args)
    expect(used.code).toBe(0)
    expect(eventOf(used, 'filesForeign')).toEqual({ event: 'filesForeign', files: ['data/1.bin'] })
    await expectDownloaded(downloads)
  })

  it('is told to people too, once', async () => {
    const { downloads, args } = await setUp('0.5G')
    await mkdir(join(downloads, 'data'), { recursive: true })
    await writeFile(fileOf(downloads, 1), letter)
    const forPeople = args.filter((arg) => arg !== '--json')
    const told = /data\/1\.bin is there already, and nothing of it was found right: overwritten/g
    const first = await rxtorrent(forPeople)
    expect(first.stderr.match(told)).toHaveLength(1)
    const again = await rxtorrent(forPeople)
    expect(again).toMatchObject({ code: 0, stderr: expect.not.stringMatching(told) as string })
  })
})
