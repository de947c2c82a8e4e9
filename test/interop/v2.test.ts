import { expect, it } from 'vitest'
import { libtorrent, libtorrentSeeder } from './support/clients/libtorrent.js'
import { rxtorrent } from './support/clients/rxtorrent.js'
import { loopback } from './support/hosts.js'
import { openLab } from './support/lab.js'
import { startLyingSeeder } from './support/lyingSeeder.js'
import { mixedPayload } from './support/payload.js'
import { describeWith } from './support/requirements.js'
import { KiB, makeTrackedSwarm, MiB } from './support/swarm.js'
import { describeTransfer, transfer } from './support/transfer.js'

const pieceLengths = [16 * KiB, 64 * KiB, 4 * MiB]

for (const [seeder, leecher] of [
  [libtorrent, rxtorrent],
  [rxtorrent, libtorrent],
  [rxtorrent, rxtorrent],
] as const) {
  describeTransfer(seeder, leecher, () => {
    it.for(pieceLengths)('of a v2 torrent, in pieces of %i bytes', async (pieceLength, test) => {
      await transfer(test, seeder, leecher, { isV2: true, pieceLength })
    })

    it('of a v2 torrent, by a link with its hash', async (test) => {
      await transfer(test, seeder, leecher, { isV2: true, pieceLength: 16 * KiB }, 'link')
    })

    it('of a hybrid torrent', async (test) => {
      await transfer(test, seeder, leecher, { isHybrid: true, pieceLength: 64 * KiB })
    })

    it('of a hybrid torrent, by a link with its v1 hash', async (test) => {
      await transfer(test, seeder, leecher, { isHybrid: true, pieceLength: 64 * KiB }, 'link')
    })
  })
}

describeWith(['libtorrent', 'opentracker', 'root with network namespaces'], 'seeders of a v2 torrent', () => {
  it('of which one lies: every byte is right', async (test) => {
    const lab = openLab(test)
    const pieceLength = 256 * KiB
    const swarm = await makeTrackedSwarm(lab, loopback, { pieceLength, isV2: true })
    const seed = { lab, host: loopback, torrent: swarm.torrent, folder: swarm.complete }
    // slow enough for the liar to be asked too
    await libtorrentSeeder(seed, 2 * MiB)
    const pieceCounts = Object.values(mixedPayload).map((length) => Math.ceil(length / pieceLength))
    const liar = await startLyingSeeder(lab, {
      infohash: swarm.infohash.slice(0, 40),
      pieceCount: pieceCounts.reduce((sum, count) => sum + count, 0),
      announceUrl: swarm.announceUrl,
    })
    await swarm.tracker.untilSeeders(2)

    const folder = swarm.folder('download')
    const { completed } = await rxtorrent.download({ ...seed, folder })
    await completed()
    swarm.expectSame(folder)
    expect(liar.liesTold()).toBeGreaterThan(0)
  })
})
