import { alone, cli, libtorrentPeer } from './clients.mjs'
import { python } from './payload.mjs'
import { startProcess } from './startProcess.mjs'

/** @import { Host } from './hosts.mjs' */
/** @import { Running } from './startProcess.mjs' */

/**
 * @typedef {object} Seeder
 * @property {Running} running
 * @property {string} peer HOST:PORT
 */

/**
 * @typedef {object} Seed
 * @property {Host} host
 * @property {string} [address] one of the host's
 * @property {string} torrent
 * @property {string} folder that the payload is in
 */

/**
 * @param {Host} host
 * @param {string} address
 * @param {ReadonlyArray<string>} argv of a program that tells its port
 * @returns {Promise<Seeder>}
 */
const start = async (host, address, argv) => {
  const running = startProcess(host.at(argv))
  const port = await running.told(/"event":\s*"listening",\s*"port":\s*(\d+)/)
  return { running, peer: `${address}:${port}` }
}

/** It checks each piece when it is first asked for it. @param {Seed} seed */
export const startLibtorrent = ({ host, address = host.addresses[0], torrent, folder }) =>
  start(host, address, [python, libtorrentPeer, 'seed', torrent, folder, '--address', address])

/**
 * It checks everything before it listens.
 *
 * @param {Seed} seed
 * @param {ReadonlyArray<string>} [node] with its options
 */
export const startOurs = (
  { host, address = host.addresses[0], torrent, folder },
  node = [process.execPath],
) =>
  start(host, address, [...node, cli, 'seed', torrent, '--data', folder, '--port', '0', ...alone, '--json'])
