import { fileURLToPath } from 'node:url'
import { hostPort } from './hosts.js'
import { jsonEvents, untilEvent, type JsonEvent } from './jsonEvents.js'
import type { Lab } from './lab.js'
import { python } from './requirements.js'
import type { RunningProcess } from './runProcess.js'
import { until } from './until.js'
import { whileRunning } from './runProcess.js'
import type { PeerAddress } from '../../../src/codecs/peerAddress.js'

const script = fileURLToPath(new URL('libtorrentDht.py', import.meta.url))

export interface LibtorrentDht {
  readonly process: RunningProcess
  /** Where its nodes are. */
  readonly nodes: ReadonlyArray<PeerAddress>
  /** Tells the first of them something, and waits for an event that comes of it. */
  readonly ask: (command: object, answer: string) => Promise<JsonEvent>
}

export interface LibtorrentDhtOptions {
  readonly addresses: ReadonlyArray<string>
  readonly bootstrap?: ReadonlyArray<PeerAddress>
  /** A torrent to seed, or to download, at the first. */
  readonly torrent?: { readonly role: 'seed' | 'download'; readonly path: string; readonly folder: string }
}

/** DHT nodes of libtorrent, each on an address of its own. */
export const libtorrentDht = async (
  lab: Lab,
  { addresses, bootstrap = [], torrent }: LibtorrentDhtOptions,
): Promise<LibtorrentDht> => {
  const process = lab.run({
    label: 'libtorrent DHT',
    argv: [
      ...[python, '-W', 'ignore', script],
      ...addresses.flatMap((address) => ['--address', address]),
      ...bootstrap.flatMap(({ host, port }) => ['--bootstrap', hostPort(host, port)]),
      ...(torrent === undefined ? [] : [`--${torrent.role}`, torrent.path, torrent.folder]),
    ],
  })
  const ports = (await untilEvent(process, 'listening'))['ports'] as ReadonlyArray<number>
  return {
    process,
    nodes: addresses.map((host, i) => ({ host, port: ports[i] ?? 0 })),
    ask: async (command, answer) => {
      const count = (): number => jsonEvents(process).filter(({ event }) => event === answer).length
      const before = count()
      process.tell(JSON.stringify(command))
      await until(() => count() > before, {
        what: `"${answer}" from libtorrent`,
        seconds: 60,
        hopeless: whileRunning(process),
      })
      return jsonEvents(process).findLast(({ event }) => event === answer) ?? { event: answer }
    },
  }
}
