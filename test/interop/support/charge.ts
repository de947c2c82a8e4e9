import { spawn, type ChildProcess } from 'node:child_process'
import { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

/** What must not outlive this process: a process group, a network namespace, a folder. */
export type ChargeKind = 'group' | 'netns' | 'folder'

let janitor: ChildProcess | undefined

const inbox = (): Writable => {
  if (janitor?.stdin === undefined || janitor.stdin === null) {
    // in a session of its own: a Ctrl-C at the terminal must not reach it
    janitor = spawn(process.execPath, [fileURLToPath(new URL('janitor.mjs', import.meta.url))], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    janitor.unref()
  }
  const { stdin } = janitor
  if (stdin === null) throw new Error('the janitor has no input')
  if (stdin instanceof Socket) stdin.unref()
  return stdin
}

/**
 * Puts something in the janitor's charge, in case this process dies before it clears up itself.
 * The answer takes it back, once it is gone.
 */
export const charge = (kind: ChargeKind, value: string): (() => void) => {
  inbox().write(`+${kind} ${value}\n`)
  return () => {
    inbox().write(`-${kind} ${value}\n`)
  }
}
