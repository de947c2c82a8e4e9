import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('../../test/interop/support/janitor.mjs', import.meta.url))
const janitor = spawn(process.execPath, [script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
janitor.unref()

/**
 * Has something cleared up when this process ends, however it ends: a process group killed, a network namespace
 * deleted, a folder removed.
 *
 * @param {'group' | 'netns' | 'folder'} kind
 * @param {string} value
 */
export const charge = (kind, value) => {
  janitor.stdin.write(`+${kind} ${value}\n`)
}
