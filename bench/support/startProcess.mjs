import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { charge, discharge } from './charge.mjs'

/**
 * @typedef {object} Running
 * @property {number} pid of the program, and of its group
 * @property {Promise<number | null>} ended its exit code; null: by a signal
 * @property {() => string} errors the end of what it wrote to stderr
 * @property {() => string} output what it wrote to stdout
 * @property {(hear: (line: string) => void) => void} onLine
 * @property {(pattern: RegExp) => Promise<string>} told the first group of the first line that fits
 * @property {(signal: NodeJS.Signals) => Promise<void>} stop once it has ended
 */

const mostErrors = 4_096

/** @type {Set<Running>} */
const all = new Set()

/** What a scenario has left behind that failed. */
export const stopAll = async () => {
  for (const running of all) await running.stop('SIGKILL')
}

/**
 * Starts a program in a group of its own, killed when this process ends.
 *
 * @param {ReadonlyArray<string>} argv
 * @returns {Running}
 */
export const startProcess = (argv) => {
  const [program = '', ...args] = argv
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { pid } = child
  if (pid !== undefined) charge('group', String(pid))
  let errors = ''
  let output = ''
  child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    errors = (errors + text).slice(-mostErrors)
  })
  const lines = createInterface({ input: child.stdout })
  let isAwaited = true
  lines.on('line', (line) => {
    if (isAwaited) output += `${line}\n`
  })
  /** @type {Promise<number | null>} */
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      if (pid !== undefined) discharge('group', String(pid))
      all.delete(running)
      resolve(code)
    })
  })
  /** @type {Running} */
  const running = {
    pid: pid ?? 0,
    ended,
    errors: () => errors,
    output: () => output,
    onLine: (hear) => {
      lines.on('line', hear)
    },
    told: (pattern) =>
      new Promise((resolve, reject) => {
        lines.on('line', (line) => {
          const found = pattern.exec(line)?.[1]
          if (found === undefined) return
          // a seeder goes on talking for as long as it lives
          isAwaited = false
          resolve(found)
        })
        ended.then(
          () => {
            reject(new Error(`${program} ended too early:\n${errors}`))
          },
          (/** @type {unknown} */ error) => {
            reject(error instanceof Error ? error : new Error(String(error)))
          },
        )
      }),
    stop: async (signal) => {
      // all of its group: what is measured is a child of what measures
      if (pid !== undefined && child.exitCode === null && child.signalCode === null)
        process.kill(-pid, signal)
      await ended
    },
  }
  all.add(running)
  return running
}
