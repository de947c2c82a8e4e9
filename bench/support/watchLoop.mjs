import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** @import { Lateness, LoopDelay } from './loopDelay.mjs' */

const preload = fileURLToPath(new URL('loopDelay.mjs', import.meta.url))

/**
 * A Node that tells of its event loop, for a turn that does not count: watching costs a little.
 *
 * @param {string} folder
 */
export const watchLoop = (folder) => {
  const output = join(folder, 'loop-delay.json')
  return {
    node: ['env', `RXTORRENT_LOOP_DELAY=${output}`, process.execPath, '--require', preload],
    /** Once it has ended. @returns {LoopDelay} */
    read: () => JSON.parse(readFileSync(output, 'utf8')),
  }
}

/** @param {LoopDelay} delay */
export const showDelay = ({ count, own, stolen, ...late }) =>
  [
    `event loop late by ${showLateness(late)}, in ${String(count)} samples`,
    ...(own === undefined ? [] : [`without waits for a core or the host ${showLateness(own)}`]),
    ...(stolen === undefined ? [] : [`the host took ${String(stolen)} ms of all cores`]),
  ].join('; ')

/** @param {Lateness} lateness */
const showLateness = ({ p50, p99, max }) =>
  `${p50.toFixed(1)} ms (p50), ${p99.toFixed(1)} ms (p99), ${max.toFixed(1)} ms at most`
