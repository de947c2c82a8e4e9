import { execFileSync } from 'node:child_process'
import { expect, it, type TestContext } from 'vitest'
import { aria2 } from './support/clients/aria2.js'
import type { Client } from './support/clients/client.js'
import { libtorrent } from './support/clients/libtorrent.js'
import { rxtorrent } from './support/clients/rxtorrent.js'
import { transmission } from './support/clients/transmission.js'
import { type Host, twoHosts } from './support/hosts.js'
import { jsonEvents } from './support/jsonEvents.js'
import { openLab } from './support/lab.js'
import { describeWith } from './support/requirements.js'
import { KiB, makeSwarm, makeTrackedSwarm } from './support/swarm.js'

/** A download between two hosts that have nothing but local discovery to find each other by. */
const transferByLsd = async (
  test: TestContext,
  seeder: Client,
  leecher: Client,
  family: 4 | 6 = 4,
): Promise<void> => {
  const lab = openLab(test)
  const [seederHost, leecherHost] = twoHosts(lab, family)
  const { torrent, complete, folder, expectSame } = makeSwarm(lab, { pieceLength: 256 * KiB })
  const seeding = await seeder.seed({ lab, host: seederHost, torrent, folder: complete, isLsd: true })
  const download = folder('download')
  const leeching = await leecher.download({ lab, host: leecherHost, torrent, folder: download, isLsd: true })
  await leeching.completed()
  expectSame(download, { exceptEmptyFiles: leecher.skipsEmptyFiles })
  for (const { process } of [seeding, leeching]) {
    const unavailable = jsonEvents(process).filter(({ event }) => event === 'lsdUnavailable')
    expect(unavailable).toEqual([])
  }
}

for (const client of [libtorrent, aria2, transmission]) {
  for (const [seeder, leecher] of [
    [client, rxtorrent],
    [rxtorrent, client],
  ] as const) {
    describeWith(
      ['root with network namespaces', ...client.needs],
      `${seeder.name} → ${leecher.name}, by local discovery alone`,
      () => {
        it.concurrent('completes with the same bytes', async (test) => {
          await transferByLsd(test, seeder, leecher)
        })
      },
    )
  }
}

for (const [seeder, leecher] of [
  [rxtorrent, rxtorrent],
  [libtorrent, rxtorrent],
  [rxtorrent, libtorrent],
] as const) {
  describeWith(
    ['root with network namespaces', ...seeder.needs, ...leecher.needs],
    `${seeder.name} → ${leecher.name}, by local discovery over IPv6`,
    () => {
      it.concurrent('completes with the same bytes', async (test) => {
        await transferByLsd(test, seeder, leecher, 6)
      })
    },
  )
}

/** Datagrams, of either family, that the host has sent. */
const sentDatagrams = (host: Host): number => {
  const read = (file: string): string => {
    const [program = '', ...args] = host.at(['cat', `/proc/net/${file}`])
    return execFileSync(program, args, { encoding: 'utf8' })
  }
  const [names = '', values = ''] = read('snmp')
    .split('\n')
    .filter((line) => line.startsWith('Udp:'))
  const column = names.split(' ').indexOf('OutDatagrams')
  const [, six = '0'] = /^Udp6OutDatagrams\s+(\d+)$/m.exec(read('snmp6')) ?? []
  return Number(values.split(' ')[column]) + Number(six)
}

describeWith(
  ['root with network namespaces', 'opentracker', ...libtorrent.needs],
  'a private torrent that local discovery could tell of',
  () => {
    it.for([false, true])(
      'is announced to trackers alone where it is private: %s',
      async (isPrivate, test) => {
        const lab = openLab(test)
        const [ours, other] = twoHosts(lab)
        const swarm = await makeTrackedSwarm(lab, other, { pieceLength: 256 * KiB, isPrivate })
        const { torrent, complete, folder, tracker, expectSame } = swarm
        await rxtorrent.seed({ lab, host: ours, torrent, folder: complete, isLsd: true })
        await tracker.untilSeeders(1)
        const download = folder('download')
        const { completed } = await libtorrent.download({ lab, host: other, torrent, folder: download })
        await completed()
        expectSame(download)
        expect(sentDatagrams(ours) > 0).toBe(!isPrivate)
      },
    )
  },
)
