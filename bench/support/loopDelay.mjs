/**
 * Loaded before a program (`node --import`), writes at its exit how late its event loop was: milliseconds beyond the
 * sampling interval, which is what a timer of its own would have had to wait. The loading of the program is among them,
 * as a sample or two: it counts in short runs. Where to is in RXTORRENT_LOOP_DELAY.
 */
import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

/**
 * Milliseconds.
 *
 * @typedef {{ readonly p50: number, readonly p99: number, readonly max: number, readonly count: number }} LoopDelay
 */

/** The finest there is: a coarser one hides short delays among its own waits. */
const resolution = 1

const output = process.env['RXTORRENT_LOOP_DELAY']
// workers load it too, and have no loop that anybody waits for
if (isMainThread && output !== undefined) {
  const histogram = monitorEventLoopDelay({ resolution })
  histogram.enable()
  process.on('exit', () => {
    histogram.disable()
    /** @param {number} nanoseconds */
    const late = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - resolution)
    /** @type {LoopDelay} */
    const delay = {
      p50: late(histogram.percentile(50)),
      p99: late(histogram.percentile(99)),
      max: late(histogram.max),
      count: histogram.count,
    }
    writeFileSync(output, JSON.stringify(delay))
  })
}
