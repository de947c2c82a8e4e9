import { expect, it, type TestContext } from 'vitest'
import { aria2 } from './support/clients/aria2.js'
import type { Client } from './support/clients/client.js'
import { libtorrent } from './support/clients/libtorrent.js'
import { rxtorrent } from './support/clients/rxtorrent.js'
import { transmission } from './support/clients/transmission.js'
import { twoHosts } from './support/hosts.js'
import { jsonEvents } from './support/jsonEvents.js'
import { openLab } from './support/lab.js'
import { describeWith } from './support/requirements.js'
import { KiB, makeSwarm } from './support/swarm.js'

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
