import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startProcess } from '../support/startProcess.mjs'

/** @import { Scenario } from '../support/scenario.mjs' */

/**
 * A program that measures by itself and prints lines.
 *
 * @typedef {object} Program
 * @property {string} name
 * @property {string} file below bench
 * @property {ReadonlyArray<string>} argsShort
 * @property {ReadonlyArray<string>} argsLong
 */

/** @type {ReadonlyArray<Program>} */
const own = [
  { name: 'kernels', file: 'kernels.mjs', argsShort: ['--time', '50'], argsLong: ['--time', '500'] },
  {
    name: 'idle-sessions',
    file: 'idleSessions.mjs',
    argsShort: ['--seconds', '20', '--only-print'],
    argsLong: ['--seconds', '60', '--only-print'],
  },
]

/** @param {Program} program @returns {Scenario} */
const programScenario = ({ name, file, argsShort, argsLong }) => ({
  name,
  run: async ({ isShort, say }) => {
    const path = fileURLToPath(new URL(`../${file}`, import.meta.url))
    const running = startProcess([process.execPath, path, ...(isShort ? argsShort : argsLong)])
    running.onLine(say)
    const code = await running.ended
    if (running.errors() !== '') say(running.errors().trimEnd())
    if (code !== 0) throw new Error(`${file} ended with ${String(code)}`)
    return []
  },
})

/** @returns {Promise<ReadonlyArray<Program>>} */
const scalePrograms = async () => {
  const index = new URL('../scale/index.mjs', import.meta.url)
  if (!existsSync(index)) return []
  /** @type {unknown} */
  const module = await import(index.href)
  const { programs } = /** @type {{ readonly programs: ReadonlyArray<Program> }} */ (module)
  return programs.map((program) => ({ ...program, file: `scale/${program.file}` }))
}

export const programs = [...own, ...(await scalePrograms())].map(programScenario)
