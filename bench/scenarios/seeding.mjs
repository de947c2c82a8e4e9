import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { insistOnBuild, libtorrent, libtorrentName } from '../support/clients.mjs'
import { delayMark, ratioMark } from '../support/marks.mjs'
import { usageOf } from '../support/measure.mjs'
import { makeTorrent, MiB } from '../support/payload.mjs'
import { ours, roundsOf } from '../support/scenario.mjs'
import { startLibtorrent, startOurs } from '../support/seeders.mjs'
import { startProcess } from '../support/startProcess.mjs'
import { takeTurns } from '../support/takeTurns.mjs'
import { showDelay, watchLoop } from '../support/watchLoop.mjs'
import { showSize } from '../support/ways.mjs'

/** @import { Scenario } from '../support/scenario.mjs' */
/** @import { Seeder } from '../support/seeders.mjs' */

const most = { wallToLibtorrent: 1.1, cpuToLibtorrent: 1.5 }

/**
 * Libtorrent leechers at once, from a seeder that has served before and so has checked its data: the wall is theirs,
 * CPU and memory are the seeder's.
 *
 * @param {number} leechers
 * @returns {Scenario}
 */
const seedingScenario = (leechers) => ({
  name: `seeding-${String(leechers)}`,
  run: async (setting) => {
    insistOnBuild()
    const { lab, say, size } = setting
    lab.warmUp()
    const [host, leecherHost] = lab.hosts()
    const path = lab.file(size)
    const torrent = join(lab.folder('torrent'), 'payload.torrent')
    const infohash = makeTorrent({ path, output: torrent, pieceLength: MiB })
    const seed = { host, torrent, folder: dirname(path) }

    /** A whole download by each; libtorrent hashes what it gets. @param {Seeder} seeder @param {number} count */
    const serve = async ({ peer, running: { pid } }, count) => {
      const folders = Array.from({ length: count }, () => lab.folder('leecher'))
      const [address] = leecherHost.addresses
      const before = usageOf(pid)
      const start = performance.now()
      const running = folders.map((folder) =>
        startProcess(leecherHost.at(libtorrent.argv({ torrent, infohash, folder, address, peers: [peer] }))),
      )
      const codes = await Promise.all(running.map(({ ended }) => ended))
      const wall = (performance.now() - start) / 1000
      const after = usageOf(pid)
      if (codes.some((code) => code !== 0))
        throw new Error(`a leecher failed:\n${running.map(({ errors }) => errors()).join('\n')}`)
      for (const folder of folders) rmSync(folder, { recursive: true })
      return { wall, cpu: after.cpu - before.cpu, memory: after.memory }
    }

    const seeders = /** @type {const} */ ([
      { name: ours, seeder: await startOurs(seed) },
      { name: libtorrentName, seeder: await startLibtorrent(seed) },
    ])
    for (const { seeder } of seeders) await serve(seeder, 1)
    const medians = await takeTurns({
      contestants: seeders.map(({ name, seeder }) => ({ name, run: () => serve(seeder, leechers) })),
      rounds: roundsOf(setting, 3),
      base: libtorrentName,
      say,
    })
    for (const { seeder } of seeders) await seeder.running.stop('SIGTERM')

    const { node, read } = watchLoop(lab.folder('loop'))
    const watched = await startOurs(seed, node)
    await serve(watched, leechers)
    await watched.running.stop('SIGTERM')
    const delay = read()
    say(showDelay(delay))

    const [of, to] = [ours, libtorrentName]
    return [
      {
        title: `seed ${showSize(size)} to ${String(leechers)}`,
        base: libtorrentName,
        medians,
        marks: [
          ...ratioMark(medians, { cost: 'wall', of, to, most: most.wallToLibtorrent }),
          ...ratioMark(medians, { cost: 'cpu', of, to, most: most.cpuToLibtorrent }),
          delayMark(delay),
        ],
      },
    ]
  },
})

export const seedings = [1, 4].map(seedingScenario)
