import { fileURLToPath } from 'node:url'
import { untilEvent, untilListening, type JsonEvent } from '../jsonEvents.js'
import type { RunningProcess } from '../runProcess.js'
import type { Job } from './client.js'

const script = fileURLToPath(new URL('../controlledSession.mjs', import.meta.url))

/** A session of ours, in a process of its own. */
export interface ControlledSession {
  readonly process: RunningProcess
  readonly port: number
  readonly send: (command: object) => void
  /** The next state (told from now on) that `accept` takes. */
  readonly untilState: (what: string, accept: (state: JsonEvent) => boolean) => Promise<JsonEvent>
}

export const controlledSession = async (job: Job): Promise<ControlledSession> => {
  const { lab, host, torrent, folder, port = 0 } = job
  const running = lab.run({
    label: 'session of ours',
    argv: host.at([process.execPath, script, torrent, folder, String(port)]),
  })
  return {
    process: running,
    port: await untilListening(running),
    send: (command) => {
      running.tell(JSON.stringify(command))
    },
    untilState: (what, accept) => {
      const told = running.lines.length
      return untilEvent(running, 'state', (state) => {
        const line = JSON.stringify(state)
        return accept(state) && running.lines.lastIndexOf(line) >= told
      }).catch((error: unknown) => {
        throw new Error(`no state that is ${what}`, { cause: error })
      })
    },
  }
}
