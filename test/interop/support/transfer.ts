import type { TestContext } from 'vitest'
import type { Client } from './clients/client.js'
import { loopback, twoHosts } from './hosts.js'
import { openLab } from './lab.js'
import { describeWith, type Need } from './requirements.js'
import { makeTrackedSwarm, type SwarmSpec, type TrackedSwarm } from './swarm.js'

const needsOfTracker: ReadonlyArray<Need> = ['libtorrent', 'opentracker', 'root with network namespaces']

/** Tests of one client downloading from another, having met at an opentracker. */
export const describeTransfer = (seeder: Client, leecher: Client, body: () => void): void => {
  describeWith(
    [...needsOfTracker, ...seeder.needs, ...leecher.needs],
    `${seeder.name} → ${leecher.name}`,
    body,
  )
}

/** Downloads a swarm's data from `seeder` with `leecher`, given its torrent or a magnet link, and compares every byte. */
export const transfer = async (
  test: TestContext,
  seeder: Client,
  leecher: Client,
  spec: SwarmSpec = {},
  given: 'file' | 'link' = 'file',
): Promise<void> => {
  const lab = openLab(test)
  const isApart = [...seeder.needs, ...leecher.needs].includes('root with network namespaces')
  const [seederHost, leecherHost] = isApart ? twoHosts(lab) : [loopback, loopback]
  const swarm = await makeTrackedSwarm(lab, seederHost, spec)
  const { torrent, complete, folder, tracker, expectSame } = swarm

  await seeder.seed({ lab, host: seederHost, torrent, folder: complete })
  await tracker.untilSeeders(1)
  const download = folder('download')
  const wanted = given === 'file' ? torrent : magnetLink(swarm)
  const { completed } = await leecher.download({ lab, host: leecherHost, torrent: wanted, folder: download })
  await completed()
  expectSame(download, { exceptEmptyFiles: leecher.skipsEmptyFiles })
}

/** A link with nothing but the hash, of v2 where it is that long, the tracker, and what else is given. */
export const magnetLink = (
  { infohash, announceUrl }: Pick<TrackedSwarm, 'infohash' | 'announceUrl'>,
  more = '',
): string =>
  `magnet:?xt=${infohash.length === 40 ? 'urn:btih:' : 'urn:btmh:1220'}${infohash}&tr=${encodeURIComponent(announceUrl)}${more}`
