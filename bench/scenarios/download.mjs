import { execFileSync } from 'node:child_process'
import { rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { bytesIn } from '../support/bytesIn.mjs'
import {
  bareLoop,
  floorName,
  insistOnBuild,
  libtorrentName,
  mainClients,
  otherClients,
  rxtorrent,
} from '../support/clients.mjs'
import { levelMemory } from '../support/levelMemory.mjs'
import { delayMark, memoryMark, ratioMark } from '../support/marks.mjs'
import { measure } from '../support/measure.mjs'
import { makeTorrent } from '../support/payload.mjs'
import { ours, roundsOf } from '../support/scenario.mjs'
import { startLibtorrent } from '../support/seeders.mjs'
import { takeTurns } from '../support/takeTurns.mjs'
import { showDelay, watchLoop } from '../support/watchLoop.mjs'
import { ways } from '../support/ways.mjs'

/** @import { Client } from '../support/clients.mjs' */
/** @import { Scenario, Setting } from '../support/scenario.mjs' */
/** @import { Way } from '../support/ways.mjs' */

const most = { wallToLibtorrent: 0.9, cpuToFloor: 1.3, memory: 150 }

/** @param {string} a @param {string} b */
const insistOnEqual = (a, b) => {
  if (statSync(a).isDirectory()) execFileSync('diff', ['-rq', a, b], { stdio: 'inherit' })
  else execFileSync('cmp', [a, b], { stdio: 'inherit' })
}

/** @param {Way} way @param {Setting} setting */
const clientsFor = (way, { lab, say, isShort }) => [
  ...mainClients(),
  ...(way.isForAll === true
    ? otherClients({
        cache: lab.cache,
        withWebtorrent: !isShort,
        skip: (line) => {
          say(`not measured: ${line}`)
        },
      })
    : []),
]

/**
 * Whole downloads from libtorrent seeders over a cable, from the start of a process to its end.
 *
 * @param {Way} way
 * @returns {Scenario}
 */
const downloadScenario = (way) => ({
  name: way.name,
  isLong: way.isLong ?? false,
  run: async (setting) => {
    insistOnBuild()
    const { lab, say } = setting
    lab.warmUp()
    const clients = clientsFor(way, setting)
    const [seederHost, leecherHost] = lab.hosts()
    const path = way.make(setting)
    const torrent = join(lab.folder('torrent'), 'payload.torrent')
    const announce = way.isForAll === true ? { announce: lab.announce() } : {}
    const infohash = makeTorrent({ path, output: torrent, pieceLength: way.pieceLength, ...announce })
    const tracker = way.isForAll === true ? lab.track(infohash) : undefined
    const seeders = await Promise.all(
      seederHost.addresses
        .slice(0, way.seeders ?? 1)
        .map((address) => startLibtorrent({ host: seederHost, address, torrent, folder: dirname(path) })),
    )
    const all = seeders.map(({ peer }) => peer)
    /** @type {string[]} */
    const kept = []

    /**
     * Into a fresh folder; fails unless the data is the same.
     *
     * @param {Client} client
     * @param {ReadonlyArray<string>} [peers]
     */
    const download = async ({ argv }, peers = all) => {
      levelMemory(lab.folder('level'), bytesIn(path))
      const folder = lab.folder('download')
      const [address] = leecherHost.addresses
      const cost = await measure(leecherHost.at(argv({ torrent, infohash, folder, address, peers })))
      insistOnEqual(join(folder, basename(path)), path)
      if (way.areKept === true) kept.push(folder)
      else rmSync(folder, { recursive: true })
      return cost
    }

    // a seeder checks each piece when it is first asked for it
    for (const peer of all) await download(bareLoop, [peer])
    const medians = await takeTurns({
      contestants: clients.map((client) => ({ name: client.name, run: () => download(client) })),
      rounds: roundsOf(setting, way.rounds ?? 3),
      base: floorName,
      say,
    })
    const { node, read } = watchLoop(lab.folder('loop'))
    await download(rxtorrent(ours, node))
    const delay = read()
    say(showDelay(delay))

    for (const { running } of seeders) await running.stop('SIGTERM')
    await tracker?.stop('SIGTERM')
    for (const folder of kept) rmSync(folder, { recursive: true })
    if (way.isOnce === true) rmSync(path, { recursive: true })
    return [
      {
        title: way.title(setting),
        base: floorName,
        medians,
        marks: [
          ...ratioMark(medians, { cost: 'wall', of: ours, to: libtorrentName, most: most.wallToLibtorrent }),
          ...ratioMark(medians, { cost: 'cpu', of: ours, to: floorName, most: most.cpuToFloor }),
          ...memoryMark(medians, ours, most.memory),
          delayMark(delay),
        ],
      },
    ]
  },
})

export const downloads = ways.map(downloadScenario)
