import { fileURLToPath } from 'node:url'
import type { TestContext } from 'vitest'
import type { PeerAddress } from '../../../src/codecs/peerAddress.js'
import { aria2ByDht } from './clients/aria2.js'
import type { Job } from './clients/client.js'
import { rxtorrentCommand } from './clients/rxtorrent.js'
import { transmissionByDht } from './clients/transmission.js'
import { type Host, hostPort, loopback, twoHosts } from './hosts.js'
import { untilEvent } from './jsonEvents.js'
import { type Lab, openLab } from './lab.js'
import { libtorrentDht } from './libtorrentDht.js'
import type { Need } from './requirements.js'
import { untilExit } from './runProcess.js'
import { makeSwarm, type Swarm } from './swarm.js'

const script = fileURLToPath(new URL('dhtNetwork.mjs', import.meta.url))

/** Nodes of ours on a host, in one network of their own; answers where they are. */
export const dhtNetwork = async (lab: Lab, host: Host, count = 8): Promise<ReadonlyArray<PeerAddress>> => {
  const process_ = lab.run({
    label: 'DHT nodes',
    argv: host.at([process.execPath, script, host.address, String(count)]),
  })
  const ports = (await untilEvent(process_, 'listening'))['ports'] as ReadonlyArray<number>
  return ports.map((port) => ({ host: host.address, port }))
}

/** A client that seeds in the DHT. */
export interface DhtSeeder {
  readonly name: string
  readonly needs: ReadonlyArray<Need>
  /** Starts it where it enters the DHT at these nodes. */
  readonly seed: (job: Job, nodes: ReadonlyArray<PeerAddress>) => Promise<unknown>
}

export const dhtSeeders: ReadonlyArray<DhtSeeder> = [
  {
    name: 'libtorrent',
    needs: ['libtorrent'],
    seed: ({ lab, host, torrent, folder }, nodes) =>
      libtorrentDht(lab, {
        addresses: [host.address],
        bootstrap: nodes,
        torrent: { role: 'seed', path: torrent, folder },
      }),
  },
  { name: 'aria2', needs: ['aria2', 'libtorrent'], seed: (job, [node]) => aria2ByDht(job, node!) },
  {
    name: 'transmission',
    needs: ['transmission', 'libtorrent', 'root with network namespaces'],
    seed: transmissionByDht,
  },
]

/** Downloads with `rxtorrent`, which finds its peers by the DHT alone, and compares every byte. */
const downloadByDht = async (
  lab: Lab,
  host: Host,
  swarm: Swarm,
  bootstrap: ReadonlyArray<PeerAddress>,
  given: string,
): Promise<void> => {
  const folder = swarm.folder('download')
  const download = lab.run({
    label: 'rxtorrent download',
    argv: host.at([
      ...[...rxtorrentCommand(), 'download', given, '-o', folder, '--json'],
      ...['--no-trackers', '--no-lsd', '--no-port-mapping'],
      ...bootstrap.flatMap((node) => ['--dht-bootstrap', hostPort(node.host, node.port)]),
    ]),
  })
  await untilEvent(download, 'complete', () => true, 120)
  await untilExit(download)
  swarm.expectSame(folder)
}

/**
 * Downloads from a seeder that the DHT alone leads to, given the torrent or what else stands for it, and compares every
 * byte.
 */
export const transferByDht = async (
  test: TestContext,
  { seed, needs }: DhtSeeder,
  given: (swarm: Swarm) => string = ({ torrent }) => torrent,
): Promise<void> => {
  const lab = openLab(test)
  const swarm = makeSwarm(lab)
  const [theirs, ours] = needs.includes('root with network namespaces') ? twoHosts(lab) : [loopback, loopback]
  const nodes = await dhtNetwork(lab, ours, 16)
  await seed({ lab, host: theirs, torrent: swarm.torrent, folder: swarm.complete }, nodes.slice(0, 4))
  await downloadByDht(lab, ours, swarm, nodes.slice(-2), given(swarm))
}
