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

/** @param {string} name @param {string} node @param {string} cli @returns {Client} */
const rxtorrent = (name, node, cli) => ({
  name,
  argv: ({ torrent, folder, host, port }) => [
    ...[
      node,
      cli,
      'download',
      torrent,
      '-o',
      folder,
      '--peer',
      `${host}:${String(port)}`,
      '--no-dht',
      '--no-lsd',
      '--no-port-mapping',
      '--json',
    ],
  ],
})

/** @param {string} node @param {string} script @returns {Client} */
const webtorrent = (node, script) => ({
  name: 'webtorrent 3',
  argv: ({ torrent, folder, host, port }) => [node, script, torrent, folder, `${host}:${String(port)}`],
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
  if (existsSync(cli)) clients.push(rxtorrent('rxtorrent', process.execPath, cli))
  else skip('rxtorrent: dist/cli.mjs is not there; run "npm run build"')
  clients.push(bareLoop, libtorrent)
  if (spawnSync('aria2c', ['--version'], { stdio: 'ignore' }).status === 0) clients.push(aria2)
  else skip('aria2: not installed')
  if (withWebtorrent) {
    const installed = installWebtorrent(cache)
    if ('node' in installed) {
      const { node, script } = installed
      clients.push(webtorrent(node, script))
      // Like with like: the two on one Node, though ours asks for none so new.
      if (existsSync(cli)) clients.push(rxtorrent('rxtorrent, same Node', node, cli))
    } else skip(`webtorrent: ${installed.reason}`)
  }
  return clients
}
