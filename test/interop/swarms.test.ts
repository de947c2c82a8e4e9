import { expect, it } from 'vitest'
import { aria2 } from './support/clients/aria2.js'
import { libtorrent, libtorrentSeeder, uploadedBy } from './support/clients/libtorrent.js'
import { rxtorrent } from './support/clients/rxtorrent.js'
import { hostPort, loopback, loopback6 } from './support/hosts.js'
import { openLab } from './support/lab.js'
import { startLyingSeeder } from './support/lyingSeeder.js'
import { mixedPayload, totalSize } from './support/payload.js'
import { describeWith } from './support/requirements.js'
import { KiB, makeSwarm, makeTrackedSwarm, MiB } from './support/swarm.js'

const tracked = ['libtorrent', 'opentracker', 'root with network namespaces'] as const

describeWith([...tracked, 'aria2'], 'many seeders', () => {
  it('of which one lies: every byte is right', async (test) => {
    const lab = openLab(test)
    const pieceLength = 256 * KiB
    const swarm = await makeTrackedSwarm(lab, loopback, { pieceLength })
    const seed = { lab, host: loopback, torrent: swarm.torrent, folder: swarm.complete }
    // slow enough for the liar to be asked too
    await Promise.all([libtorrentSeeder(seed, 2 * MiB), libtorrentSeeder(seed, 2 * MiB), aria2.seed(seed)])
    const liar = await startLyingSeeder(lab, {
      infohash: swarm.infohash,
      pieceCount: Math.ceil(totalSize(mixedPayload) / pieceLength),
      announceUrl: swarm.announceUrl,
    })
    await swarm.tracker.untilSeeders(4)

    const folder = swarm.folder('download')
    const { completed } = await rxtorrent.download({ ...seed, folder })
    await completed()
    swarm.expectSame(folder)
    expect(liar.liesTold()).toBeGreaterThan(0)
  })
})

describeWith(tracked, 'one seeder', () => {
  it('of ours serves eight leechers of ours', async (test) => {
    const lab = openLab(test)
    const swarm = await makeTrackedSwarm(lab, loopback)
    const { torrent } = swarm
    await rxtorrent.seed({ lab, host: loopback, torrent, folder: swarm.complete })
    await swarm.tracker.untilSeeders(1)

    const folders = Array.from({ length: 8 }, (_, i) => swarm.folder(`download ${String(i)}`))
    const leechers = await Promise.all(
      folders.map((folder) => rxtorrent.download({ lab, host: loopback, torrent, folder })),
    )
    await Promise.all(leechers.map(({ completed }) => completed()))
    folders.forEach((folder) => {
      swarm.expectSame(folder)
    })
  })
})

describeWith(['libtorrent', 'IPv6 on loopback'], 'IPv6', () => {
  it('downloads from a seeder that it was told of', async (test) => {
    const lab = openLab(test)
    const swarm = makeSwarm(lab)
    const job = { lab, host: loopback6, torrent: swarm.torrent }
    const seeder = await libtorrent.seed({ ...job, folder: swarm.complete })
    const folder = swarm.folder('download')
    const { completed } = await rxtorrent.download({ ...job, folder, peers: [hostPort('::1', seeder.port)] })
    await completed()
    swarm.expectSame(folder)
    expect(uploadedBy(seeder.process)).toBeGreaterThan(0)
  })

  it('serves a leecher that was told of us', async (test) => {
    const lab = openLab(test)
    const swarm = makeSwarm(lab)
    const job = { lab, host: loopback6, torrent: swarm.torrent }
    const seeder = await rxtorrent.seed({ ...job, folder: swarm.complete })
    const folder = swarm.folder('download')
    const { completed } = await libtorrent.download({ ...job, folder, peers: [hostPort('::1', seeder.port)] })
    await completed()
    swarm.expectSame(folder)
  })
})
