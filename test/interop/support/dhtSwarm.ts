import { fileURLToPath } from 'node:url'
import type { PeerAddress } from '../../../src/codecs/peerAddress.js'
import { hostPort, type Host } from './hosts.js'
import { untilEvent } from './jsonEvents.js'
import type { Lab } from './lab.js'
import { rxtorrentCommand } from './clients/rxtorrent.js'
import { untilExit } from './runProcess.js'
import type { Swarm } from './swarm.js'

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

/** Downloads with `rxtorrent`, which finds its peers by the DHT alone, and compares every byte. */
export const downloadByDht = async (
  lab: Lab,
  host: Host,
  swarm: Swarm,
  bootstrap: ReadonlyArray<PeerAddress>,
): Promise<void> => {
  const folder = swarm.folder('download')
  const download = lab.run({
    label: 'rxtorrent download',
    argv: host.at([
      ...[...rxtorrentCommand(), 'download', swarm.torrent, '-o', folder, '--json'],
      ...['--no-lsd', '--no-port-mapping'],
      ...bootstrap.flatMap((node) => ['--dht-bootstrap', hostPort(node.host, node.port)]),
    ]),
  })
  await untilEvent(download, 'complete', () => true, 120)
  await untilExit(download)
  swarm.expectSame(folder)
}
