import { execFile } from 'node:child_process'
import type { Host } from './hosts.js'
import { whileRunning, type RunningProcess } from './runProcess.js'
import { until } from './until.js'

// reads the kernel's table instead of knocking: a connection that says nothing would confuse some clients
const isListening = (host: Host, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const [program = '', ...args] = host.at(['cat', '/proc/net/tcp', '/proc/net/tcp6'])
    const wanted = new RegExp(`:${port.toString(16).toUpperCase().padStart(4, '0')} [0-9A-F]+:0000 0A `)
    execFile(program, args, (_, stdout) => {
      resolve(wanted.test(stdout))
    })
  })

/** Waits until a program listens on a TCP port. */
export const untilAccepting = async (host: Host, port: number, process: RunningProcess): Promise<void> => {
  await until(() => isListening(host, port), {
    what: `${process.label} listening on port ${String(port)}`,
    hopeless: whileRunning(process),
  })
}
