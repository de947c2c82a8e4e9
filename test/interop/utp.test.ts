import { expect, it, type TestContext } from 'vitest'
import type { Job } from './support/clients/client.js'
import { libtorrent, libtorrentSeeder, uploadedBy } from './support/clients/libtorrent.js'
import { rxtorrent } from './support/clients/rxtorrent.js'
import { transmission } from './support/clients/transmission.js'
import { blockTcp } from './support/blockTcp.js'
import { type Host, hostPort, loopback, loopback6, twoHosts } from './support/hosts.js'
import { jsonEvents, untilEvent } from './support/jsonEvents.js'
import { openLab } from './support/lab.js'
import { startLossyRelay } from './support/lossyRelay.js'
import { describeWith } from './support/requirements.js'
import { KiB, makeSwarm, makeTrackedSwarm, MiB, type Swarm } from './support/swarm.js'
import { until } from './support/until.js'

const PREFERRED = ['--utp', 'preferred']

const setScene = (test: TestContext, host: Host = loopback): { readonly swarm: Swarm; readonly job: Job } => {
  const lab = openLab(test)
  const swarm = makeSwarm(lab, { pieceLength: 256 * KiB })
  const job: Job = { lab, host, torrent: swarm.torrent, folder: swarm.complete, transport: 'utp' }
  return { swarm, job }
}

describeWith(['libtorrent'], 'libtorrent without TCP', () => {
  it('is downloaded from', async (test) => {
    const { swarm, job } = setScene(test)
    const seeder = await libtorrent.seed(job)
    const download = swarm.folder('download')
    const peers = [hostPort(loopback.address, seeder.port)]
    const leecher = await rxtorrent.download({ ...job, folder: download, peers, options: PREFERRED })
    await leecher.completed()
    swarm.expectSame(download)
  })

  it('downloads from us, whom it dials', async (test) => {
    const { swarm, job } = setScene(test)
    const seeder = await rxtorrent.seed(job)
    const download = swarm.folder('download')
    const peers = [hostPort(loopback.address, seeder.port)]
    const leecher = await libtorrent.download({ ...job, folder: download, peers })
    await leecher.completed()
    swarm.expectSame(download)
  })

  it('downloads from us, who dial it', async (test) => {
    const { swarm, job } = setScene(test)
    const download = swarm.folder('download')
    const leecher = await libtorrent.download({ ...job, folder: download })
    const peers = [hostPort(loopback.address, leecher.port)]
    await rxtorrent.seed({ ...job, peers, options: PREFERRED })
    await leecher.completed()
    swarm.expectSame(download)
  })

  it('that is killed is left, and found again', async (test) => {
    const { swarm, job } = setScene(test)
    const seeder = await libtorrentSeeder(job, 2 * MiB)
    const download = swarm.folder('download')
    const peers = [hostPort(loopback.address, seeder.port)]
    const leecher = await rxtorrent.download({ ...job, folder: download, peers, options: PREFERRED })
    await until(() => uploadedBy(seeder.process) > 2 * MiB, { what: 'some of it sent' })
    seeder.process.signal('SIGKILL')
    await untilEvent(leecher.process, 'peerClosed')
    await libtorrentSeeder({ ...job, port: seeder.port })
    await leecher.completed()
    swarm.expectSame(download)
  })
})

describeWith(['libtorrent', 'IPv6 on loopback'], 'libtorrent without TCP, over IPv6', () => {
  it('is downloaded from', async (test) => {
    const { swarm, job } = setScene(test, loopback6)
    const seeder = await libtorrent.seed(job)
    const download = swarm.folder('download')
    const peers = [hostPort(loopback6.address, seeder.port)]
    const leecher = await rxtorrent.download({ ...job, folder: download, peers, options: PREFERRED })
    await leecher.completed()
    swarm.expectSame(download)
  })
})

describeWith(['libtorrent'], 'libtorrent without TCP, over a path that delays and loses', () => {
  it.for(['download', 'upload'])('%s', async (direction, test) => {
    const { swarm, job } = setScene(test)
    const [giver, taker] = direction === 'download' ? [libtorrent, rxtorrent] : [rxtorrent, libtorrent]
    const seeder = await giver.seed(job)
    const relay = await startLossyRelay(job.lab, seeder.port, { delayMs: 15, lossChance: 0.01 })
    const download = swarm.folder('download')
    const peers = [hostPort(loopback.address, relay.port)]
    const leecher = await taker.download({ ...job, folder: download, peers, options: PREFERRED })
    await leecher.completed()
    swarm.expectSame(download)
    expect(relay.lost()).toBeGreaterThan(0)
  })
})

describeWith(
  ['libtorrent', 'opentracker', 'transmission', 'nft', 'root with network namespaces'],
  'Transmission behind a wall that drops TCP',
  () => {
    it('is downloaded from: uTP is what is left', async (test) => {
      const lab = openLab(test)
      const [seederHost, leecherHost] = twoHosts(lab)
      const port = await seederHost.freePort()
      const swarm = await makeTrackedSwarm(lab, leecherHost, { pieceLength: 256 * KiB })
      blockTcp(seederHost, port)
      const ours = await leecherHost.freePort()
      // Else it would be Transmission that dials us, and by TCP.
      blockTcp(leecherHost, ours)
      const job = { lab, torrent: swarm.torrent, transport: 'utp' } as const
      await transmission.seed({ ...job, host: seederHost, folder: swarm.complete, port })
      await swarm.tracker.untilSeeders(1)
      const download = swarm.folder('download')
      const leecher = await rxtorrent.download({ ...job, host: leecherHost, folder: download, port: ours })
      await leecher.completed()
      swarm.expectSame(download, { exceptEmptyFiles: true })
      expect(jsonEvents(leecher.process).some(({ event }) => event === 'peerConnected')).toBe(true)
    })

    it('downloads from us', async (test) => {
      const lab = openLab(test)
      const [seederHost, leecherHost] = twoHosts(lab)
      const swarm = await makeTrackedSwarm(lab, seederHost, { pieceLength: 256 * KiB })
      const [ours, theirs] = [await seederHost.freePort(), await leecherHost.freePort()]
      blockTcp(seederHost, ours)
      blockTcp(leecherHost, theirs)
      const job = { lab, torrent: swarm.torrent, transport: 'utp' } as const
      await rxtorrent.seed({ ...job, host: seederHost, folder: swarm.complete, port: ours })
      await swarm.tracker.untilSeeders(1)
      const download = swarm.folder('download')
      const leecher = await transmission.download({
        ...job,
        host: leecherHost,
        folder: download,
        port: theirs,
      })
      await leecher.completed()
      swarm.expectSame(download, { exceptEmptyFiles: true })
    })
  },
)
