import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { python } from './payload.mjs'
import { startProcess } from './startProcess.mjs'

/** @import { Cost } from './table.mjs' */

const script = fileURLToPath(new URL('../measure.py', import.meta.url))
const patienceSeconds = 600

/**
 * What a command takes, from its start to its end; throws unless it ends well.
 *
 * @param {ReadonlyArray<string>} command
 * @returns {Promise<Cost>}
 */
export const measure = async (command) => {
  const running = startProcess([python, script, String(patienceSeconds), ...command])
  await running.ended
  const printed = running.output()
  if (printed === '') throw new Error(`${command.join(' ')} could not be run:\n${running.errors()}`)
  /** @type {unknown} */
  const taken = JSON.parse(printed)
  const { code, ...cost } = /** @type {Cost & { readonly code: number }} */ (taken)
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${String(code)}:\n${running.errors()}`)
  return cost
}

/** The kernel counts time for programs in hundredths of a second, whatever its own clock is. */
const ticksPerSecond = 100

/**
 * CPU seconds, and the most memory in MiB, of a process so far. Linux only.
 *
 * @param {number} pid
 */
export const usageOf = (pid) => {
  const folder = `/proc/${String(pid)}`
  // the name, in parentheses, may hold anything
  const fields = readFileSync(`${folder}/stat`, 'latin1')
    .replace(/^.*\) /s, '')
    .split(' ')
  const status = readFileSync(`${folder}/status`, 'latin1')
  return {
    cpu: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    memory: Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024,
  }
}
