import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cli, insistOnBuild } from '../support/clients.mjs'
import { ratioMark } from '../support/marks.mjs'
import { measure } from '../support/measure.mjs'
import { installSizes, ourPackage } from '../support/installSizes.mjs'
import { makeFile, makeTorrent, MiB } from '../support/payload.mjs'
import { ours, roundsOf } from '../support/scenario.mjs'
import { takeTurns } from '../support/takeTurns.mjs'

/** @import { Scenario } from '../support/scenario.mjs' */

const nothing = 'node -e 0'
const noModule = 'an empty module'
/** As the first run of a command, or where its files are another user's. */
const noCode = 'NODE_DISABLE_COMPILE_CACHE=1'
const most = { infoToNothing: 1.5 }

/** What a program costs before it does anything, and what the package weighs. @type {Scenario} */
export const startUp = {
  name: 'start-up',
  run: async ({ lab, say, isShort, rounds }) => {
    insistOnBuild()
    const folder = lab.folder('small')
    const [path, torrent, empty] = ['payload.bin', 'payload.torrent', 'empty.mjs'].map((name) =>
      join(folder, name),
    )
    makeFile(path ?? '', 4)
    makeTorrent({ path: path ?? '', output: torrent ?? '', pieceLength: MiB })
    writeFileSync(empty ?? '', '')
    // A start is so short that others come between: it takes five times the rounds.
    const turns = { rounds: 5 * roundsOf({ rounds, isShort }, 5), say, isQuiet: true }

    const info = `${ours} info`
    const firstInfo = `${info}, no code kept`
    const commands = await takeTurns({
      ...turns,
      base: nothing,
      contestants: [
        { name: info, run: () => measure([process.execPath, cli, 'info', torrent ?? '']) },
        {
          name: firstInfo,
          run: () => measure(['env', noCode, process.execPath, cli, 'info', torrent ?? '']),
        },
        { name: nothing, run: () => measure([process.execPath, '-e', '0']) },
      ],
    })

    const { exports } = ourPackage()
    const imports = Object.entries(exports).flatMap(([path, target]) =>
      typeof target === 'string' ? [] : [{ name: join(ours, path), file: target.node }],
    )
    const importsTaken = await takeTurns({
      ...turns,
      base: noModule,
      contestants: [
        ...imports.map(({ name, file }) => ({
          name: `import ${name}`,
          run: () => measure([process.execPath, fileURLToPath(new URL(`../../${file}`, import.meta.url))]),
        })),
        { name: noModule, run: () => measure([process.execPath, empty ?? '']) },
      ],
    })
    for (const line of installSizes(lab.cache)) say(line)

    return [
      {
        title: 'start-up',
        base: nothing,
        medians: commands,
        marks: ratioMark(commands, { cost: 'wall', of: info, to: nothing, most: most.infoToNothing }),
      },
      { title: 'import', base: noModule, medians: importsTaken, marks: [] },
    ]
  },
}
