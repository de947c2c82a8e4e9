import { appendFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeTorrent } from '../support/makeTorrent.js'
import { tempDir } from '../support/tempDir.js'
import { rxtorrent, start, type JsonEvent, type Running } from './support/rxtorrent.js'
import { type Place, seededPlace } from './support/seededPlace.js'

/** 20 pieces; the first and the third file share one each with the second. */
const torrent = makeTorrent({ pieceLength: 32_768, files: [200_000, 150_000, 100_001, 0, 200_000] })
const { content } = torrent
const WANTED = '0.bin,2.bin'

const setUp = (): Promise<Place> => seededPlace(torrent)

const seed = async (
  path: string,
  ...args: ReadonlyArray<string>
): Promise<{ readonly seeder: Running; readonly peer: string }> => {
  const seeder = start(['seed', path, ...args, '--json'])
  const { port } = await seeder.event('listening')
  await seeder.event('complete')
  return { seeder, peer: `localhost:${String(port)}` }
}

const download = (
  { path, downloads }: Place,
  peer: string,
  ...args: ReadonlyArray<string>
): ReturnType<typeof rxtorrent> =>
  rxtorrent(['download', path, '-o', downloads, '--peer', peer, '--timeout', '20', ...args])

/** A folder into which a selection was downloaded, and a seed of all. */
const partial = async (): Promise<{ readonly place: Place; readonly peer: string }> => {
  const place = await setUp()
  const { peer } = await seed(place.path, '--data', place.data)
  expect(await download(place, peer, '--select', WANTED)).toMatchObject({ code: 0 })
  return { place, peer }
}

const verify = ({ path, downloads }: Place, ...args: ReadonlyArray<string>): ReturnType<typeof rxtorrent> =>
  rxtorrent(['verify', path, '--data', downloads, ...args])

const verified = async (place: Place, ...args: ReadonlyArray<string>): Promise<JsonEvent> => {
  const { stdout } = await verify(place, '--json', ...args)
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as JsonEvent
}

const filesBelow = async (folder: string): Promise<ReadonlyArray<string>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .filter((name) => name.endsWith('.bin'))
    .sort()
}

/** What is there, and when it was last changed. */
const marks = async (folder: string): Promise<ReadonlyArray<unknown>> => {
  const names = await readdir(folder, { recursive: true })
  const looks = names.map(async (name) => {
    const { mtimeMs, size, ctimeMs } = await stat(join(folder, name))
    return [name, mtimeMs, ctimeMs, size]
  })
  return (await Promise.all(looks)).sort()
}

describe('a selection that was downloaded', () => {
  it('is verified as such, and nothing is touched', async () => {
    const { place } = await partial()
    const before = await marks(place.downloads)
    const { code, stderr } = await verify(place)
    expect(code).toBe(0)
    expect(stderr).toBe(
      `3 files left out, as in the last run (--select '*' takes all)\n` +
        `${join(place.downloads, 'data')}: all 11 wanted pieces are there and right; 3 files left out\n`,
    )
    expect(await verified(place, '--select', WANTED)).toEqual({
      event: 'verified',
      pieceCount: 20,
      wantedPieces: 11,
      checkedPieces: 11,
      havePieces: 11,
      wrongPieces: 0,
      missingPieces: 0,
      damagedFiles: [],
      longFiles: [],
      leftOutFiles: ['data/1.bin', 'data/3.bin', 'data/4.bin'],
    })
    expect(await marks(place.downloads)).toEqual(before)
  })

  it('is not all of the torrent, nor another selection', async () => {
    const { place } = await partial()
    expect(await verified(place, '--select', '*')).toMatchObject({ wantedPieces: 20, leftOutFiles: [] })
    const other = await verify(place, '--select', '5')
    expect(other.code).toBe(6)
    expect(other.stderr).toMatch(/^not right: data\/4\.bin\nrxtorrent: [^\n]* missing; 4 files left out\n$/)
    expect(await verify(place, '--select', '9')).toMatchObject({ code: 2 })
  })

  it('is asked only for what it wants', async () => {
    const { place } = await partial()
    await writeFile(join(place.downloads, 'data', '4.bin'), 'of no torrent')
    expect(await verify(place, '--select', '1')).toMatchObject({ code: 0 })
    const file = join(place.downloads, 'data', '2.bin')
    const bytes = await readFile(file)
    bytes[50_000]! ^= 1
    await writeFile(file, bytes)
    expect(await verify(place, '--select', '1')).toMatchObject({ code: 0 })
    expect(await verified(place)).toMatchObject({ wrongPieces: 1, damagedFiles: ['data/2.bin'] })
  })

  it('is seeded to others, without what is left out', async () => {
    const { place } = await partial()
    for (const args of [[], ['--select', WANTED]]) {
      const { seeder, peer } = await seed(place.path, '--data', place.downloads, ...args)
      const elsewhere = { ...place, downloads: await tempDir() }
      expect(await download(elsewhere, peer, '--select', WANTED)).toMatchObject({ code: 0 })
      expect(await filesBelow(elsewhere.downloads)).toEqual(['0.bin', '2.bin'])
      const copy = await readFile(join(elsewhere.downloads, 'data', '2.bin'))
      expect(copy.equals(content.subarray(350_000, 450_001))).toBe(true)
      seeder.signal('SIGTERM')
      const { code, stderr } = await seeder.ended
      expect(code).toBe(143)
      expect(stderr.includes('3 files left out')).toBe(args.length === 0)
    }
    expect(await filesBelow(place.downloads)).toEqual(['0.bin', '2.bin'])
    expect(await verify(place)).toMatchObject({ code: 0 })
  })

  it('is not seeded where some of it is missing, and the hint asks for no more', async () => {
    const { place } = await partial()
    await writeFile(join(place.downloads, 'data', '2.bin'), 'short')
    const { code, stderr } = await rxtorrent(['seed', place.path, '--data', place.downloads])
    expect(code).toBe(6)
    expect(stderr).not.toContain('listening')
    expect(stderr).toMatch(
      /\nrxtorrent: [^\n]*: 4 of 20 pieces missing or damaged; [^\n]*download [^\n]* --select 1,3\n$/,
    )
  })

  it('becomes all of it when the rest is fetched', async () => {
    const { place, peer } = await partial()
    expect(await download(place, peer)).toMatchObject({ code: 0 })
    const { code, stderr } = await verify(place)
    expect(code).toBe(0)
    expect(stderr).toMatch(/: all 20 pieces are there and right\n$/)
  })
})

describe('a file that is too long', () => {
  it('is told and kept by a download, which is complete all the same', async () => {
    const place = await setUp()
    const { peer } = await seed(place.path, '--data', place.data)
    await mkdir(join(place.downloads, 'data'), { recursive: true })
    const first = join(place.downloads, 'data', '0.bin')
    await writeFile(first, Buffer.alloc(200_012, 'x'))
    await writeFile(join(place.downloads, 'data', '3.bin'), '!')
    await writeFile(join(place.downloads, 'data', '4.bin'), Buffer.alloc(300_000))
    const running = start([
      ...['download', place.path, '-o', place.downloads, '--peer', peer],
      ...['--select', '1-4', '--json'],
    ])
    expect(await running.event('fileTooLong')).toEqual({
      event: 'fileTooLong',
      file: 'data/0.bin',
      expected: 200_000,
      actual: 200_012,
    })
    const { code, stdout } = await running.ended
    expect(code).toBe(0)
    expect(stdout).toContain('{"event":"fileTooLong","file":"data/3.bin","expected":0,"actual":1}')
    // Not wanted.
    expect(stdout).not.toContain('"file":"data/4.bin"')
    const bytes = await readFile(first)
    expect(bytes.subarray(0, 200_000).equals(content.subarray(0, 200_000))).toBe(true)
    expect(bytes.subarray(200_000).toString()).toBe('x'.repeat(12))
    expect(await readFile(join(place.downloads, 'data', '3.bin'), 'utf8')).toBe('!')

    const again = await download(place, peer, '--select', '1-4')
    expect(again.code).toBe(0)
    expect(again.stderr).toContain('data/0.bin is 12 bytes too long: its end is left as it is\n')
    expect(again.stderr).toContain('data/3.bin is 1 byte too long: its end is left as it is\n')
  })

  it('is not right to verify', async () => {
    const place = await setUp()
    const all = { ...place, downloads: place.data }
    await appendFile(join(place.data, 'data', '4.bin'), 'twelve bytes')
    const { code, stderr } = await verify(all)
    expect(code).toBe(6)
    expect(stderr).toBe(
      'not right: data/4.bin is 12 bytes too long\n' +
        `rxtorrent: ${join(place.data, 'data')}: all 20 pieces are there and right, but 1 file is too long\n`,
    )
    expect(await verified(all)).toMatchObject({
      havePieces: 20,
      damagedFiles: [],
      longFiles: [{ file: 'data/4.bin', expected: 200_000, actual: 200_012 }],
    })
    expect(await verify(all, '--select', '1-4')).toMatchObject({ code: 0 })
    await writeFile(join(place.data, 'data', '0.bin'), 'short')
    expect((await verify(all)).stderr).toMatch(
      /: of 20 pieces, 0 are damaged and 7 are missing, and 1 file is too long\n$/,
    )
  })

  it('is seeded all the same', async () => {
    const place = await setUp()
    await appendFile(join(place.data, 'data', '0.bin'), '!')
    const { seeder, peer } = await seed(place.path, '--data', place.data)
    expect(await seeder.event('fileTooLong')).toMatchObject({ file: 'data/0.bin', actual: 200_001 })
    expect(await download(place, peer)).toMatchObject({ code: 0 })
    expect((await stat(join(place.downloads, 'data', '0.bin'))).size).toBe(200_000)
  })
})
