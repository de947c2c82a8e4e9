import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cli, insistOnBuild, isInstalled, libtorrentName } from '../support/clients.mjs'
import { fillPageCache } from '../support/fillPageCache.mjs'
import { delayMark, ratioMark } from '../support/marks.mjs'
import { measure } from '../support/measure.mjs'
import { makeTorrent, MiB, python } from '../support/payload.mjs'
import { ours, roundsOf } from '../support/scenario.mjs'
import { takeTurns } from '../support/takeTurns.mjs'
import { showDelay, watchLoop } from '../support/watchLoop.mjs'
import { showSize } from '../support/ways.mjs'

/** @import { Scenario } from '../support/scenario.mjs' */

const floor = 'two threads of SHA-1'
const most = { wallToFloor: 1.15, wallToLibtorrent: 0.5 }

/** @param {string} name */
const script = (name) => fileURLToPath(new URL(`../support/${name}`, import.meta.url))

/** Hashing what the page cache holds against the torrent. @type {Scenario} */
export const verify = {
  name: 'verify',
  run: async (setting) => {
    insistOnBuild()
    const { lab, say } = setting
    lab.warmUp()
    const size = 4 * setting.size
    const path = lab.file(size)
    const folder = dirname(path)
    const torrent = join(lab.folder('torrent'), 'payload.torrent')
    makeTorrent({ path, output: torrent, pieceLength: MiB })

    /** @param {ReadonlyArray<string>} node */
    const command = (node) => [...node, cli, 'verify', torrent, '--data', folder, '--quiet']
    const checkWithLibtorrent = [python, script('libtorrentCheck.py'), torrent, folder]
    const withAria2 = [
      ...['aria2c', '--quiet=true', '--no-conf=true', `--dir=${folder}`, '--enable-dht=false'],
      ...['--enable-dht6=false', '--check-integrity=true', '--hash-check-only=true', torrent],
    ]
    /** @param {ReadonlyArray<string>} argv */
    const check = (argv) => {
      fillPageCache(path)
      return measure(argv)
    }
    const commands = [
      { name: ours, argv: command([process.execPath]) },
      { name: floor, argv: [python, script('twoThreads.py'), torrent, path] },
      { name: libtorrentName, argv: [...checkWithLibtorrent, '1'] },
      // what it can do, not what it does by itself
      { name: `${libtorrentName}, 2 hashing threads`, argv: [...checkWithLibtorrent, '2'] },
      ...(isInstalled('aria2c', '--version') ? [{ name: 'aria2', argv: withAria2 }] : []),
    ]
    const medians = await takeTurns({
      contestants: commands.map(({ name, argv }) => ({ name, run: () => check(argv) })),
      rounds: roundsOf(setting, 3),
      base: floor,
      say,
    })
    const { node, read } = watchLoop(lab.folder('loop'))
    await check(command(node))
    const delay = read()
    say(showDelay(delay))
    return [
      {
        title: `verify ${showSize(size)}`,
        base: floor,
        medians,
        marks: [
          ...ratioMark(medians, { cost: 'wall', of: ours, to: floor, most: most.wallToFloor }),
          ...ratioMark(medians, { cost: 'wall', of: ours, to: libtorrentName, most: most.wallToLibtorrent }),
          delayMark(delay),
        ],
      },
    ]
  },
}
