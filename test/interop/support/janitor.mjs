/**
 * Outlives the process that started it, and clears up what that one could not.
 *
 * Reads lines `+kind value` (look after this) and `-kind value` (it is gone) until its input ends, which happens
 * however its parent ends, SIGKILL included. Then kills the process groups, deletes the network namespaces and
 * removes the folders that are still on the list.
 */
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** @type {ReadonlyArray<readonly [kind: string, clear: (value: string) => void]>} */
const inOrder = [
  ['group', (pid) => process.kill(-Number(pid), 'SIGKILL')],
  ['netns', (name) => execFileSync('ip', ['netns', 'delete', name], { stdio: 'ignore' })],
  ['folder', (path) => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })],
]

/** @type {Set<string>} */
const charges = new Set()

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const charge = line.slice(1)
    if (line.startsWith('+')) charges.add(charge)
    else charges.delete(charge)
  })
  .on('close', () => {
    for (const [kind, clear] of inOrder) {
      for (const charge of charges) {
        if (!charge.startsWith(`${kind} `)) continue
        try {
          clear(charge.slice(kind.length + 1))
        } catch {
          // gone already
        }
      }
    }
  })
