import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { aria2 } from './support/clients/aria2.js'
import { libtorrent } from './support/clients/libtorrent.js'
import { rxtorrent, rxtorrentCommand } from './support/clients/rxtorrent.js'
import { transmission } from './support/clients/transmission.js'
import { loopback } from './support/hosts.js'
import { jsonEvents } from './support/jsonEvents.js'
import { openLab } from './support/lab.js'
import { describeWith } from './support/requirements.js'
import { type RunningProcess, untilExit } from './support/runProcess.js'
import { KiB, makeSwarm } from './support/swarm.js'
import { describeTransfer, transfer } from './support/transfer.js'

// Pieces of 16 KiB: the metadata has several pieces of its own.
const spec = { pieceLength: 16 * KiB }

for (const client of [libtorrent, aria2, transmission]) {
  for (const [seeder, leecher] of [
    [client, rxtorrent],
    [rxtorrent, client],
  ] as const) {
    describeTransfer(seeder, leecher, () => {
      it('by a magnet link with a tracker', async (test) => {
        await transfer(test, seeder, leecher, spec, 'link')
      })
    })
  }
}

describeTransfer(libtorrent, rxtorrent, () => {
  it('of a hybrid torrent, by a link with its v1 hash', async (test) => {
    await transfer(test, libtorrent, rxtorrent, { isHybrid: true }, 'link')
  })
})

describeWith(['libtorrent'], 'a magnet link without a tracker', () => {
  it('downloads from a peer that is named, keeps the torrent, and needs no metadata the next time', async (test) => {
    const lab = openLab(test)
    const { torrent, complete, folder, infohash, expectSame } = makeSwarm(lab, spec)
    const seeder = await libtorrent.seed({ lab, host: loopback, torrent, folder: complete })
    const link = `magnet:?xt=urn:btih:${infohash}`
    const download = folder('download')
    const peer = `127.0.0.1:${String(seeder.port)}`
    const saved = join(folder('saved'), 'saved.torrent')
    const run = async (...options: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
      const process = lab.run({
        label: 'rxtorrent download',
        argv: [...rxtorrentCommand(), 'download', link, '-o', download, '--json', ...options],
      })
      expect((await untilExit(process)).code).toBe(0)
      return jsonEvents(process).map(({ event }) => event)
    }
    const events = await run('--peer', peer, '--save-torrent', saved)
    expect(events).toContain('metadataFetched')
    expectSame(download)
    expect(existsSync(saved)).toBe(true)
    expect(existsSync(join(download, '.rxtorrent', `${infohash}.torrent`))).toBe(true)
    expect(await run()).not.toContain('metadataFetched')
  })

  it('of v2 alone downloads from a peer that is named, and keeps the torrent with its piece layers', async (test) => {
    const lab = openLab(test)
    const { torrent, complete, folder, infohash, expectSame } = makeSwarm(lab, { ...spec, isV2: true })
    const seeder = await libtorrent.seed({ lab, host: loopback, torrent, folder: complete })
    const download = folder('download')
    const saved = join(folder('saved'), 'saved.torrent')
    const run = async (...args: ReadonlyArray<string>): Promise<RunningProcess> => {
      const process = lab.run({ label: 'rxtorrent', argv: [...rxtorrentCommand(), ...args, '--json'] })
      expect((await untilExit(process)).code).toBe(0)
      return process
    }
    const link = `magnet:?xt=urn:btmh:1220${infohash}`
    const peer = `127.0.0.1:${String(seeder.port)}`
    await run('download', link, '-o', download, '--peer', peer, '--save-torrent', saved)
    expectSame(download)
    await run('verify', saved, '--data', download)
    const again = await run('download', link, '-o', download)
    expect(jsonEvents(again).map(({ event }) => event)).not.toContain('metadataFetched')
    const info = await run('info', saved)
    expect(JSON.parse(info.lines[0] ?? '')).toMatchObject({ infoHash: { v1: null, v2: infohash } })
  })
})
