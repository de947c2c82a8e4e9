/**
 * Loaded before a program (`node --require`), writes at its exit how late its event loop was: milliseconds beyond the
 * sampling interval, which is what a timer of its own would have had to wait. The loading of the program is among them,
 * as a sample or two: it counts in short runs. Where to is in RXTORRENT_LOOP_DELAY.
 *
 * By `--import` a program that is CommonJS would be loaded as if an ES module had asked for it: 8 ms more, to look for
 * what it exports, that it does not take otherwise.
 *
 * Of each wait it tells apart how long the loop was ready and waited for a core, as Linux counts it for each thread: behind
 * other programs, or other threads of its own; and of long ones what the host of a virtual machine took of each core.
 * Asking takes a tenth of a core, so what is watched is not measured.
 */
import { openSync, readSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { isMainThread } from 'node:worker_threads'
import { stolenTime } from './stolenTime.mjs'

/**
 * Milliseconds. `own` is of what is left of each sample without its wait for a core and for the host, `stolen` what the
 * host took of all cores meanwhile; undefined where no system tells.
 *
 * @typedef {{ readonly p50: number, readonly p99: number, readonly max: number }} Lateness
 * @typedef {Lateness & { readonly count: number, readonly own?: Lateness, readonly stolen?: number }} LoopDelay
 */

/** The finest there is: a coarser one hides short delays among its own waits. */
const resolution = 1

/** The host takes tens of milliseconds at a time, and is told of in hundredths of a second. */
const longMs = 10
/** How often it is asked besides, so that what it took of one sample is not put down to a later one. */
const samplesBetween = 16

/** Tells the milliseconds of each core that the host took since it was last asked. */
const takenByHost = () => {
  const cores = availableParallelism()
  let before = stolenTime() ?? 0
  return () => {
    const now = stolenTime() ?? 0
    const taken = (now - before) / cores
    before = now
    return taken
  }
}

/** Tells the milliseconds that this thread has waited for a core so far; undefined where it is not told. */
const waits = () => {
  try {
    const file = openSync(`/proc/self/task/${String(process.pid)}/schedstat`, 'r')
    const text = Buffer.alloc(64)
    return () => Number(text.toString('latin1', 0, readSync(file, text, 0, 64, 0)).split(' ')[1]) / 1e6
  } catch {
    return undefined
  }
}

/** @param {ReadonlyArray<number>} samples @returns {Lateness} */
const lateness = (samples) => {
  const sorted = Float64Array.from(samples).sort()
  /** @param {number} part */
  const at = (part) => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0
  return { p50: at(0.5), p99: at(0.99), max: at(1) }
}

const output = process.env['RXTORRENT_LOOP_DELAY']
// workers load it too, and have no loop that anybody waits for
if (isMainThread && output !== undefined) {
  const waited = waits()
  const stolenBefore = stolenTime()
  const taken = takenByHost()
  /** @type {number[]} */
  const late = []
  /** @type {number[]} */
  const own = []
  let [sampled, waitedBefore] = [performance.now(), waited?.() ?? 0]
  const sample = () => {
    const [now, waitedNow] = [performance.now(), waited?.() ?? 0]
    const delay = Math.max(0, now - sampled - resolution)
    late.push(delay)
    const ready = Math.max(0, delay - (waitedNow - waitedBefore))
    const isLong = ready > longMs
    const byHost = isLong || late.length % samplesBetween === 0 ? taken() : 0
    own.push(isLong ? Math.max(0, ready - byHost) : ready)
    ;[sampled, waitedBefore] = [now, waitedNow]
    setTimeout(sample, resolution).unref()
  }
  setTimeout(sample, resolution).unref()
  process.on('exit', () => {
    /** @type {LoopDelay} */
    const delay = {
      ...lateness(late),
      count: late.length,
      ...(waited === undefined ? {} : { own: lateness(own) }),
      ...(stolenBefore === undefined ? {} : { stolen: (stolenTime() ?? stolenBefore) - stolenBefore }),
    }
    writeFileSync(output, JSON.stringify(delay))
  })
}
