import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readBareTorrent } from '../support/bareTorrent.mjs'
import { cli, insistOnBuild, isInstalled, libtorrentName } from '../support/clients.mjs'
import { fillPageCache } from '../support/fillPageCache.mjs'
import { delayMark, ratioMark } from '../support/marks.mjs'
import { measure } from '../support/measure.mjs'
import { makeTorrentScript, MiB, python } from '../support/payload.mjs'
import { ours, roundsOf } from '../support/scenario.mjs'
import { takeTurns } from '../support/takeTurns.mjs'
import { showDelay, watchLoop } from '../support/watchLoop.mjs'
import { showSize } from '../support/ways.mjs'

/** @import { Scenario } from '../support/scenario.mjs' */

const base = 'mktorrent'
const most = { wallToMktorrent: 1 }
const announce = 'http://tracker.invalid/announce'

/**
 * A program that makes a torrent of a file, in pieces of 1 MiB.
 *
 * @typedef {object} Maker
 * @property {string} name
 * @property {(path: string, output: string) => ReadonlyArray<string>} argv
 */

/** @param {ReadonlyArray<string>} node @returns {Maker['argv']} */
const create = (node) => (path, output) => [
  ...[...node, cli, 'create', path, '-o', output, '--announce', announce, '--piece-length', '1M', '--quiet'],
]

/** @type {ReadonlyArray<Maker & { readonly probe: ReadonlyArray<string> }>} */
const makers = [
  { name: ours, probe: [process.execPath, '-v'], argv: create([process.execPath]) },
  {
    // a thread for every core
    name: base,
    probe: ['mktorrent', '-h'],
    argv: (path, output) => ['mktorrent', '-l', '20', '-a', announce, '-o', output, path],
  },
  {
    name: 'transmission-create',
    probe: ['transmission-create', '-V'],
    argv: (path, output) => ['transmission-create', '-s', '1024', '-t', announce, '-o', output, path],
  },
  {
    name: libtorrentName,
    probe: [python, '-V'],
    argv: (path, output) => [
      ...[python, makeTorrentScript, path, output, '--piece-length', String(MiB), '--announce', announce],
    ],
  },
]

/** Hashing what the page cache holds into a torrent. @type {Scenario} */
export const creation = {
  name: 'create',
  run: async (setting) => {
    insistOnBuild()
    const { lab, say } = setting
    lab.warmUp()
    const size = 4 * setting.size
    const path = lab.file(size)
    const folder = lab.folder('torrent')
    /** @type {Buffer | undefined} */
    let expected

    /** Fails unless the pieces are those of the others. @param {Maker['argv']} argv */
    const make = async (argv) => {
      const output = join(folder, 'made.torrent')
      rmSync(output, { force: true })
      fillPageCache(path)
      const cost = await measure(argv(path, output))
      const { hashes } = readBareTorrent(readFileSync(output, 'latin1'))
      expected ??= hashes
      if (!hashes.equals(expected)) throw new Error(`not the same torrent: ${argv(path, output).join(' ')}`)
      return cost
    }

    const installed = makers.filter(({ name, probe: [program = '', option = ''] }) => {
      const isThere = isInstalled(program, option)
      if (!isThere) say(`not measured: ${name}: not installed`)
      return isThere
    })
    const medians = await takeTurns({
      contestants: installed.map(({ name, argv }) => ({ name, run: () => make(argv) })),
      rounds: roundsOf(setting, 3),
      base,
      say,
    })
    const { node, read } = watchLoop(lab.folder('loop'))
    await make(create(node))
    const delay = read()
    say(showDelay(delay))
    return [
      {
        title: `create from ${showSize(size)}`,
        base,
        medians,
        marks: [
          ...ratioMark(medians, { cost: 'wall', of: ours, to: base, most: most.wallToMktorrent }),
          delayMark(delay),
        ],
      },
    ]
  },
}
