import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { python } from './payload.mjs'
import { ours } from './scenario.mjs'
import { installWebtorrent } from './webtorrent.mjs'

/**
 * @typedef {object} Transfer
 * @property {string} torrent
 * @property {string} infohash
 * @property {string} folder
 * @property {string} address of the leecher
 * @property {ReadonlyArray<string>} peers the seeders, as HOST:PORT
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
export const bareLoop = {
  name: floorName,
  argv: ({ torrent, infohash, folder, peers }) => [
    ...[process.execPath, fromHere('../bareLoop.mjs'), torrent, infohash, folder, ...peers],
  ],
}

export const libtorrentName = 'libtorrent'
export const libtorrentPeer = fromHere('../../test/interop/support/libtorrentPeer.py')
export const cli = fromHere('../../dist/cli.cjs')

/** @param {ReadonlyArray<string>} peers */
const named = (peers) => peers.flatMap((peer) => ['--peer', peer])

/** @type {Client} */
export const libtorrent = {
  name: libtorrentName,
  argv: ({ torrent, folder, address, peers }) => [
    ...[python, libtorrentPeer, 'download', torrent, folder],
    ...['--address', address, '--no-pex', ...named(peers)],
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

/** What finds peers elsewhere. */
export const alone = ['--no-dht', '--no-lsd', '--no-port-mapping']

/** @param {string} name @param {ReadonlyArray<string>} node with its options @returns {Client} */
export const rxtorrent = (name, node) => ({
  name,
  argv: ({ torrent, folder, peers }) => [
    ...[...node, cli, 'download', torrent, '-o', folder, ...named(peers), ...alone, '--json'],
  ],
})

/** @param {string} node @param {string} script @returns {Client} */
const webtorrent = (node, script) => ({
  name: 'webtorrent 3',
  argv: ({ torrent, folder, peers }) => [node, script, torrent, folder, peers[0] ?? ''],
})

export const insistOnBuild = () => {
  if (!existsSync(cli)) throw new Error('dist/cli.cjs is not there; run "npm run build"')
}

/** @param {string} program @param {string} option that makes it end at once */
export const isInstalled = (program, option) =>
  spawnSync(program, [option], { stdio: 'ignore' }).error === undefined

/** Ours first: each must beat, or come near to, those that follow. @returns {ReadonlyArray<Client>} */
export const mainClients = () => [rxtorrent(ours, [process.execPath]), bareLoop, libtorrent]

/**
 * Those of the others that can be run here; `skip` hears of the rest.
 *
 * @param {{ readonly cache: string, readonly withWebtorrent: boolean, readonly skip: (line: string) => void }} options
 * @returns {ReadonlyArray<Client>}
 */
export const otherClients = ({ cache, withWebtorrent, skip }) => {
  /** @type {Client[]} */
  const clients = []
  if (isInstalled('aria2c', '--version')) clients.push(aria2)
  else skip('aria2: not installed')
  if (withWebtorrent) {
    const installed = installWebtorrent(cache)
    if ('node' in installed) {
      const { node, script } = installed
      clients.push(webtorrent(node, script))
      // Like with like: the two on one Node, though ours asks for none so new.
      const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()
      if (version !== process.version) clients.push(rxtorrent(`${ours}, same Node`, [node]))
    } else skip(`webtorrent: ${installed.reason}`)
  }
  return clients
}
