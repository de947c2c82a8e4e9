import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { sha1 } from '../../src/codecs/infohash.js'
import { makeTorrent, type TorrentSpec } from '../support/makeTorrent.js'
import { memoryDisk, runSession } from '../support/realSession.js'
import { tempDir } from '../support/tempDir.js'

const run = promisify(execFile)
const bareLoop = fileURLToPath(new URL('../../bench/bareLoop.mjs', import.meta.url))

/** What it has written of a torrent that several sessions seed. */
const download = async (
  spec: TorrentSpec,
  seeders: number,
): Promise<readonly [got: Buffer, sent: Uint8Array]> => {
  const torrent = makeTorrent(spec)
  const folder = await tempDir()
  const file = join(folder, 'made.torrent')
  await writeFile(file, torrent.bytes)
  const seeds = Array.from({ length: seeders }, () =>
    runSession(torrent, memoryDisk(torrent, torrent.content)),
  )
  const peers = (await Promise.all(seeds.map(({ port }) => port()))).map(
    (port) => `127.0.0.1:${String(port)}`,
  )
  const infohash = Buffer.from(sha1(torrent.metainfo.info)).toString('hex')
  await run(process.execPath, [bareLoop, file, infohash, folder, ...peers])
  const parts = await Promise.all(torrent.metainfo.files.map(({ path }) => readFile(join(folder, ...path))))
  return [Buffer.concat(parts), torrent.content]
}

describe('the bare loop', () => {
  it('downloads a file whose last piece and block are short', async () => {
    const [got, sent] = await download({ pieceLength: 65_536, files: 1_000_003 }, 1)
    expect(got.equals(sent)).toBe(true)
  })

  it('downloads files that share pieces, from several peers', async () => {
    const files = [100, 65_536, 3, 400_000, 65_537, 131_072, 1]
    const [got, sent] = await download({ pieceLength: 65_536, files }, 3)
    expect(got.equals(sent)).toBe(true)
  })
})
