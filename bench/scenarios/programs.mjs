import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ownVerdict } from '../support/marks.mjs'
import { startProcess } from '../support/startProcess.mjs'

/** @import { Verdict } from '../support/marks.mjs' */
/** @import { Scenario } from '../support/scenario.mjs' */

/**
 * A program that measures by itself and prints lines; those with a mark end in `(met)` or `(missed)`.
 *
 * @typedef {object} Program
 * @property {string} name
 * @property {string} file below bench, or beside the index that lists it
 * @property {ReadonlyArray<string>} argsShort
 * @property {ReadonlyArray<string>} argsLong
 */

/** @type {ReadonlyArray<Program>} */
const own = [
  {
    name: 'kernels',
    file: 'kernels.mjs',
    argsShort: ['--time', '50', '--iterations', '3'],
    argsLong: ['--time', '500', '--iterations', '16'],
  },
  {
    name: 'idle-sessions',
    file: 'idleSessions.mjs',
    argsShort: ['--seconds', '10', '--only-print'],
    argsLong: ['--seconds', '60', '--only-print'],
  },
]

/** @param {Program} program @returns {Scenario} */
const programScenario = ({ name, file, argsShort, argsLong }) => ({
  name,
  run: async ({ isShort, say }) => {
    const path = fileURLToPath(new URL(`../${file}`, import.meta.url))
    const running = startProcess([process.execPath, path, ...(isShort ? argsShort : argsLong)])
    /** @type {Verdict[]} */
    const verdicts = []
    running.onLine((line) => {
      say(line)
      verdicts.push(...ownVerdict(line))
    })
    const code = await running.ended
    if (running.errors() !== '') say(running.errors().trimEnd())
    if (code !== 0) throw new Error(`${file} ended with ${String(code)}`)
    return [{ title: name, base: name, medians: new Map(), marks: [], verdicts }]
  },
})

/** @returns {Promise<ReadonlyArray<Program>>} */
const scalePrograms = async () => {
  const index = new URL('../scale/index.mjs', import.meta.url)
  if (!existsSync(index)) return []
  /** @type {unknown} */
  const module = await import(index.href)
  const listed = /** @type {ReadonlyArray<Program> | undefined} */ (
    Object.values(/** @type {Readonly<Record<string, unknown>>} */ (module)).find(Array.isArray)
  )
  return (listed ?? []).map((program) => ({ ...program, file: `scale/${program.file}` }))
}

export const programs = [...own, ...(await scalePrograms())].map(programScenario)
