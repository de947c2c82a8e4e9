import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { HashAnswer } from './hashJob.js'

/** More would wait for the device. */
const MAX_WORKERS = 4

/** Threads that hash, at most: as many as there are cores, up to 4. */
export const hashWorkerCount = (): number => Math.min(MAX_WORKERS, availableParallelism())

interface Waiting {
  readonly worker: Worker
  isReady: boolean
}

/** Started ahead of their work; whoever needs one takes it from here. */
const waiting = new Set<Waiting>()

/**
 * Starts the threads that hash before there is anything to hash, so that they are there when `verifyData`,
 * `createTorrent` or a session wants them: a thread takes 30 ms to start, in which other things can be done. They do not
 * hold the process; those that nobody wants stay idle until it ends, with some 5 MB each.
 *
 * @example
 * ```ts
 * prepareHashing()
 * const metainfo = await readAndDecode('some.torrent')
 * verifyData(metainfo, 'downloads').subscribe(report)
 * ```
 */
export const prepareHashing = (): void => {
  while (waiting.size < hashWorkerCount()) {
    const one: Waiting = { worker: launch(), isReady: false }
    waiting.add(one)
    one.worker.once('message', () => {
      one.isReady = true
    })
    // `exit` follows.
    one.worker.on('error', () => undefined)
    one.worker.once('exit', () => waiting.delete(one))
    one.worker.unref()
  }
}

/** A thread that runs `hashWorker.js`, and will say that it is ready. */
export const startHashWorker = (): Worker => {
  const [one] = waiting
  if (one === undefined) return launch()
  waiting.delete(one)
  // Said while nobody listened.
  if (one.isReady) process.nextTick(() => one.worker.emit('message', READY))
  return one.worker
}

const READY: HashAnswer = { _tag: 'Ready' }

/** Without the flags and the environment of the process: a hash worker needs neither, and starts faster. */
const launch = (): Worker =>
  new Worker(new URL('./hashWorker.js', import.meta.url), { name: 'rxtorrent-hash', execArgv: [], env: {} })
