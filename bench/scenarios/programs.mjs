import { fileURLToPath } from 'node:url'
import { scaleBenches } from '../scale/index.mjs'
import { ownVerdict } from '../support/marks.mjs'
import { startProcess } from '../support/startProcess.mjs'

/** @import { ScaleBench } from '../scale/index.mjs' */
/** @import { Verdict } from '../support/marks.mjs' */
/** @import { Scenario } from '../support/scenario.mjs' */

/** @type {ScaleBench} */
const kernels = {
  name: 'kernels',
  file: new URL('../kernels.mjs', import.meta.url),
  argsShort: ['--time', '50', '--iterations', '3'],
  argsLong: ['--time', '500', '--iterations', '16'],
}

/**
 * A program that measures by itself and prints lines; those with a mark end in `(met)` or `(missed)`.
 *
 * @param {ScaleBench} program
 * @returns {Scenario}
 */
const programScenario = ({ name, file, argsShort, argsLong }) => ({
  name,
  run: async ({ isShort, say }) => {
    const running = startProcess([process.execPath, fileURLToPath(file), ...(isShort ? argsShort : argsLong)])
    /** @type {Verdict[]} */
    const verdicts = []
    running.onLine((line) => {
      say(line)
      verdicts.push(...ownVerdict(line))
    })
    const code = await running.ended
    if (running.errors() !== '') say(running.errors().trimEnd())
    if (code !== 0) throw new Error(`${name} ended with ${String(code)}`)
    return [{ title: name, base: name, medians: new Map(), marks: [], verdicts }]
  },
})

export const programs = [kernels, ...scaleBenches].map(programScenario)
