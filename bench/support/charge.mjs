import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** @typedef {'group' | 'netns' | 'folder'} Kind */

const script = fileURLToPath(new URL('../../test/interop/support/janitor.mjs', import.meta.url))
const janitor = spawn(process.execPath, [script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
janitor.unref()

/**
 * Has something cleared up when this process ends, however it ends: a process group killed, a network namespace
 * deleted, a folder removed.
 *
 * @param {Kind} kind
 * @param {string} value
 */
export const charge = (kind, value) => {
  janitor.stdin.write(`+${kind} ${value}\n`)
}

/**
 * It is gone: the number of a process may be another's by then.
 *
 * @param {Kind} kind
 * @param {string} value
 */
export const discharge = (kind, value) => {
  janitor.stdin.write(`-${kind} ${value}\n`)
}
