import { expect, it } from 'vitest'
import { libtorrent, uploadedBy } from './support/clients/libtorrent.js'
import { rxtorrent, rxtorrentCommand, UNDISCOVERED } from './support/clients/rxtorrent.js'
import { loopback } from './support/hosts.js'
import { jsonEvents, type JsonEvent } from './support/jsonEvents.js'
import { openLab } from './support/lab.js'
import { describeWith } from './support/requirements.js'
import { untilExit } from './support/runProcess.js'
import { makeTrackedSwarm, type TrackedSwarm } from './support/swarm.js'
import { until } from './support/until.js'

const tracked = ['opentracker', 'root with network namespaces'] as const

const scrape = async ({ lab, torrent }: TrackedSwarm): Promise<ReadonlyArray<JsonEvent>> => {
  const process = lab.run({
    label: 'rxtorrent scrape',
    argv: [...rxtorrentCommand(), 'scrape', torrent, '--json'],
  })
  expect((await untilExit(process)).code).toBe(0)
  return jsonEvents(process)
}

describeWith([...tracked, 'libtorrent'], 'a UDP tracker', () => {
  it('leads us to a seeder of libtorrent', async (test) => {
    const lab = openLab(test)
    const swarm = await makeTrackedSwarm(lab, loopback, { scheme: 'udp' })
    const job = { lab, host: loopback, torrent: swarm.torrent }
    const seeder = await libtorrent.seed({ ...job, folder: swarm.complete })
    await swarm.tracker.untilSeeders(1)
    const folder = swarm.folder('download')
    const { completed, process } = await rxtorrent.download({ ...job, folder })
    await completed()
    swarm.expectSame(folder)
    expect(uploadedBy(seeder.process)).toBeGreaterThan(0)
    const tracker = new URL(swarm.announceUrl)
    expect(jsonEvents(process).filter(({ event }) => event === 'announceFailed')).toEqual([])
    expect(jsonEvents(process).find(({ event }) => event === 'announced')).toMatchObject({
      tracker: `udp://${tracker.host}`,
    })
  })

  it('leads libtorrent to us', async (test) => {
    const lab = openLab(test)
    const swarm = await makeTrackedSwarm(lab, loopback, { scheme: 'udp' })
    const job = { lab, host: loopback, torrent: swarm.torrent }
    await rxtorrent.seed({ ...job, folder: swarm.complete })
    await swarm.tracker.untilSeeders(1)
    const folder = swarm.folder('download')
    const { completed } = await libtorrent.download({ ...job, folder })
    await completed()
    swarm.expectSame(folder)
  })
})

describeWith(tracked, 'opentracker', () => {
  it.for(['http', 'udp'] as const)(
    'counts our seeder in over %s, and out when it leaves',
    async (scheme, test) => {
      const lab = openLab(test)
      const swarm = await makeTrackedSwarm(lab, loopback, { scheme })
      const tracker = `${scheme}://${new URL(swarm.announceUrl).host}`
      const counts = { event: 'scraped', tracker, tier: 0, isKnown: true, peers: 0, downloads: 0 }
      const seeder = await rxtorrent.seed({
        lab,
        host: loopback,
        torrent: swarm.torrent,
        folder: swarm.complete,
      })
      await swarm.tracker.untilSeeders(1)
      expect(await scrape(swarm)).toEqual([{ ...counts, seeds: 1 }])
      await seeder.process.stop()
      await until(async () => (await scrape(swarm))[0]?.['seeds'] === 0, { what: 'our seeder to be gone' })
    },
  )

  it('hears nothing of us with --no-trackers', async (test) => {
    const lab = openLab(test)
    const swarm = await makeTrackedSwarm(lab, loopback, { scheme: 'udp' })
    const { torrent, complete } = swarm
    const seeder = lab.run({
      label: 'rxtorrent seed',
      argv: [
        ...rxtorrentCommand(),
        ...['seed', torrent, '--data', complete, '--json', '--no-trackers', ...UNDISCOVERED],
      ],
    })
    await rxtorrent.seed({ lab, host: loopback, torrent, folder: complete })
    await until(() => jsonEvents(seeder).some(({ event }) => event === 'listening'), { what: 'the seeder' })
    await swarm.tracker.untilSeeders(1)
    expect((await scrape(swarm))[0]).toMatchObject({ seeds: 1 })
    expect(jsonEvents(seeder).filter(({ event }) => event.startsWith('announce'))).toEqual([])
  })
})
