import type { TestContext } from 'vitest'
import type { Client } from './clients/client.js'
import { loopback, twoHosts } from './hosts.js'
import { openLab } from './lab.js'
import { describeWith, type Need } from './requirements.js'
import { makeTrackedSwarm, type SwarmSpec } from './swarm.js'

const needsOfTracker: ReadonlyArray<Need> = ['libtorrent', 'opentracker', 'root with network namespaces']

/** Tests of one client downloading from another, having met at an opentracker. */
export const describeTransfer = (seeder: Client, leecher: Client, body: () => void): void => {
  describeWith(
    [...needsOfTracker, ...seeder.needs, ...leecher.needs],
    `${seeder.name} → ${leecher.name}`,
    body,
  )
}

/** Downloads a swarm's data from `seeder` with `leecher`, and compares every byte. */
export const transfer = async (
  test: TestContext,
  seeder: Client,
  leecher: Client,
  spec: SwarmSpec = {},
): Promise<void> => {
  const lab = openLab(test)
  const isApart = [...seeder.needs, ...leecher.needs].includes('root with network namespaces')
  const [seederHost, leecherHost] = isApart ? twoHosts(lab) : [loopback, loopback]
  const { torrent, complete, folder, tracker, expectSame } = await makeTrackedSwarm(lab, seederHost, spec)

  await seeder.seed({ lab, host: seederHost, torrent, folder: complete })
  await tracker.untilSeeders(1)
  const download = folder('download')
  const { completed } = await leecher.download({ lab, host: leecherHost, torrent, folder: download })
  await completed()
  expectSame(download, { exceptEmptyFiles: leecher.skipsEmptyFiles })
}
