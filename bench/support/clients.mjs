import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { python } from './payload.mjs'
import { installWebtorrent } from './webtorrent.mjs'

/**
 * @typedef {object} Transfer
 * @property {string} torrent
 * @property {string} infohash
 * @property {string} folder
 * @property {string} address of the leecher
 * @property {string} host of the seeder
 * @property {number} port of the seeder
 */

/**
 * A program that downloads one torrent and leaves.
 *
 * @typedef {{ readonly name: string, readonly argv: (transfer: Transfer) => ReadonlyArray<string> }} Client
 */

/** @param {string} path */
const fromHere = (path) => fileURLToPath(new URL(path, import.meta.url))

export const floorName = 'bare Node loop'

/** @type {Client} */
const bareLoop = {
  name: floorName,
  argv: ({ torrent, infohash, folder, host, port }) => [
    ...[process.execPath, fromHere('../bareLoop.mjs'), torrent, infohash, folder, host, String(port)],
  ],
}

/** @type {Client} */
const libtorrent = {
  name: 'libtorrent',
  argv: ({ torrent, folder, address, host, port }) => [
    ...[python, fromHere('../../test/interop/support/libtorrentPeer.py'), 'download', torrent, folder],
    ...['--address', address, '--peer', `${host}:${String(port)}`],
  ],
}

/** @type {Client} Has no way to be told of a peer but the tracker. */
const aria2 = {
  name: 'aria2',
  argv: ({ torrent, folder }) => [
    ...[
      'aria2c',
      '--quiet=true',
      '--no-conf=true',
      `--dir=${folder}`,
      '--seed-time=0',
      '--file-allocation=none',
    ],
    ...[
      '--enable-dht=false',
      '--enable-dht6=false',
      '--bt-enable-lpd=false',
      '--enable-peer-exchange=false',
      torrent,
    ],
  ],
}

/** @param {string} cli @returns {Client} */
const rxtorrent = (cli) => ({
  name: 'rxtorrent',
  argv: ({ torrent, folder, host, port }) => [
    ...[
      process.execPath,
      cli,
      'download',
      torrent,
      '-o',
      folder,
      '--peer',
      `${host}:${String(port)}`,
      '--no-dht',
      '--json',
    ],
  ],
})

/** @param {ReadonlyArray<string>} command @returns {Client} */
const webtorrent = (command) => ({
  name: 'webtorrent 3',
  argv: ({ torrent, folder, host, port }) => [...command, torrent, folder, `${host}:${String(port)}`],
})

/**
 * The clients that can be run here, ours first; `skip` hears of the others.
 *
 * @param {{ readonly cache: string, readonly withWebtorrent: boolean, readonly skip: (line: string) => void }} options
 * @returns {ReadonlyArray<Client>}
 */
export const findClients = ({ cache, withWebtorrent, skip }) => {
  /** @type {Client[]} */
  const clients = []
  const cli = fromHere('../../dist/cli.mjs')
  if (existsSync(cli)) clients.push(rxtorrent(cli))
  else skip('rxtorrent: dist/cli.mjs is not there; run "npm run build"')
  clients.push(bareLoop, libtorrent)
  if (spawnSync('aria2c', ['--version'], { stdio: 'ignore' }).status === 0) clients.push(aria2)
  else skip('aria2: not installed')
  if (withWebtorrent) {
    const installed = installWebtorrent(cache)
    if ('command' in installed) clients.push(webtorrent(installed.command))
    else skip(`webtorrent: ${installed.reason}`)
  }
  return clients
}
