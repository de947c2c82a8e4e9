import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { insistOnBuild, libtorrentName } from '../support/clients.mjs'
import { levelMemory } from '../support/levelMemory.mjs'
import { delayMark, memoryMark, ratioMark } from '../support/marks.mjs'
import { measure } from '../support/measure.mjs'
import { KiB, makeFiles, MiB, python } from '../support/payload.mjs'
import { ours, roundsOf } from '../support/scenario.mjs'
import { startProcess } from '../support/startProcess.mjs'
import { takeTurns } from '../support/takeTurns.mjs'
import { showDelay, watchLoop } from '../support/watchLoop.mjs'

/** @import { Scenario } from '../support/scenario.mjs' */

const most = { wallToLibtorrent: 0.9, cpuToLibtorrent: 1.3, memory: 200 }
const torrents = 100
const pieceLength = 256 * KiB

/** @param {string} name */
const script = (name) => fileURLToPath(new URL(`../support/${name}`, import.meta.url))
const withLibtorrent = [python, script('libtorrentMany.py')]

/** A hundred torrents at once, by one client, from one that has them all. @type {Scenario} */
export const many = {
  name: 'many',
  run: async (setting) => {
    insistOnBuild()
    const { lab, say, size } = setting
    lab.warmUp()
    const [seederHost, leecherHost] = lab.hosts()
    const payload = join(lab.folder('payload'), 'files')
    const length = Math.floor((size * MiB) / torrents)
    makeFiles(payload, torrents, length)
    const metainfos = lab.folder('torrents')
    execFileSync(python, [script('libtorrentMany.py'), 'make', payload, metainfos, String(pieceLength)])
    const [address] = seederHost.addresses
    const seeder = startProcess(seederHost.at([...withLibtorrent, 'seed', metainfos, payload, address]))
    const port = await seeder.told(/"event":\s*"listening",\s*"port":\s*(\d+)/)
    const peer = `${address}:${port}`

    /** Fails unless the data is the same. @param {(folder: string) => ReadonlyArray<string>} argv */
    const download = async (argv) => {
      levelMemory(lab.folder('level'), size * MiB)
      const folder = lab.folder('download')
      const cost = await measure(leecherHost.at(argv(folder)))
      execFileSync('diff', ['-rq', '--exclude=.rxtorrent', payload, folder], { stdio: 'inherit' })
      rmSync(folder, { recursive: true })
      return cost
    }
    /** @param {ReadonlyArray<string>} node */
    const withOurs = (node) => (/** @type {string} */ folder) => [
      ...[...node, script('downloadMany.mjs'), metainfos, folder, peer],
    ]
    const [leecher] = leecherHost.addresses
    const withTheirs = (/** @type {string} */ folder) => [
      ...withLibtorrent,
      'download',
      metainfos,
      folder,
      leecher,
      peer,
    ]
    // a seeder checks each piece when it is first asked for it
    await download(withTheirs)
    const contestants = [
      { name: ours, run: () => download(withOurs([process.execPath])) },
      { name: libtorrentName, run: () => download(withTheirs) },
    ]
    const medians = await takeTurns({
      contestants,
      rounds: roundsOf(setting, 3),
      base: libtorrentName,
      say,
    })
    const { node, read } = watchLoop(lab.folder('loop'))
    await download(withOurs(node))
    await seeder.stop('SIGTERM')
    const delay = read()
    say(showDelay(delay))
    const [of, to] = [ours, libtorrentName]
    return [
      {
        title: `${String(torrents)} torrents of ${(length / MiB).toFixed(0)} MiB`,
        base: libtorrentName,
        medians,
        marks: [
          ...ratioMark(medians, { cost: 'wall', of, to, most: most.wallToLibtorrent }),
          ...ratioMark(medians, { cost: 'cpu', of, to, most: most.cpuToLibtorrent }),
          ...memoryMark(medians, ours, most.memory),
          delayMark(delay),
        ],
      },
    ]
  },
}
