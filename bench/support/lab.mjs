import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { charge } from './charge.mjs'
import { isInstalled } from './clients.mjs'
import { twoHosts } from './hosts.mjs'
import { makeFile } from './payload.mjs'
import { startProcess } from './startProcess.mjs'
import { warmUpMemory } from './warmUpMemory.mjs'

/** @import { Host } from './hosts.mjs' */
/** @import { Running } from './startProcess.mjs' */

/**
 * Folders, hosts and big files, made when a scenario first asks and gone when this process ends.
 *
 * @typedef {object} Lab
 * @property {string} cache kept from run to run
 * @property {string} work
 * @property {() => readonly [seeder: Host, leecher: Host]} hosts
 * @property {() => void} warmUp memory, once
 * @property {(size: number) => string} file one of so many MiB
 * @property {(folder: string) => string} folder an empty one
 * @property {() => string} announce the tracker's URL
 * @property {(infohash: string) => Running} track starts the tracker, for one torrent
 */

const trackerPort = '6969'

/** @template A @param {() => A} make @returns {() => A} */
const once = (make) => {
  /** @type {{ readonly made: A } | undefined} */
  let kept
  return () => (kept ??= { made: make() }).made
}

/** @param {string} folder */
const ownFolder = (folder) => {
  charge('folder', folder)
  mkdirSync(folder, { recursive: true })
  return folder
}

/**
 * @param {{ readonly memoryLimit: number, readonly congestionControl: string }} options MiB to warm up at most; of the hosts
 * @returns {Lab}
 */
export const createLab = ({ memoryLimit, congestionControl }) => {
  const cache = join(homedir(), '.cache/rxtorrent-bench')
  const work = ownFolder(join(cache, `run-${String(process.pid)}`))
  const hosts = once(() => twoHosts(congestionControl))
  let folders = 0
  /** @type {Map<number, string>} */
  const files = new Map()
  const folder = (/** @type {string} */ name) => {
    const path = join(work, `${name}-${String(folders++)}`)
    mkdirSync(path)
    return path
  }
  return {
    cache,
    work,
    hosts,
    folder,
    warmUp: once(() => {
      warmUpMemory(memoryLimit)
    }),
    file: (size) => {
      const known = files.get(size)
      if (known !== undefined) return known
      const path = join(folder('payload'), 'payload.bin')
      makeFile(path, size)
      files.set(size, path)
      return path
    },
    announce: () => `http://${hosts()[0].addresses[0]}:${trackerPort}/announce`,
    track: (infohash) => {
      // else those who know no peer without it would wait for ever
      if (!isInstalled('opentracker', '-h')) throw new Error('opentracker is not installed')
      // it locks itself in there as nobody, who may not look into a home
      const jail = ownFolder(`/var/tmp/rxtorrent-bench-${String(process.pid)}`)
      chmodSync(jail, 0o755)
      writeFileSync(join(jail, 'whitelist'), `${infohash}\n`)
      const [host] = hosts()
      return startProcess(
        host.at([
          ...['opentracker', '-i', host.addresses[0], '-p', trackerPort, '-P', trackerPort],
          ...['-d', jail, '-w', '/whitelist', '-u', 'nobody'],
        ]),
      )
    },
  }
}
