/** @import { Cost } from './table.mjs' */
/** @import { LoopDelay } from './loopDelay.mjs' */

/**
 * What a figure should be at most.
 *
 * @typedef {object} Mark
 * @property {string} what
 * @property {number} value
 * @property {number} most
 * @property {'×' | ' s' | ' MiB' | ' ms'} unit
 */

/** Event-loop delay at the 99th percentile, in milliseconds. */
export const mostDelayMs = 20

/**
 * One client's figure as a multiple of another's; none where one of them was not measured.
 *
 * @param {ReadonlyMap<string, Cost>} medians
 * @param {{ readonly cost: 'wall' | 'cpu' | 'memory', readonly of: string, readonly to: string, readonly most: number }} wanted
 * @returns {ReadonlyArray<Mark>}
 */
export const ratioMark = (medians, { cost, of, to, most }) => {
  const [ours, theirs] = [medians.get(of), medians.get(to)]
  if (ours === undefined || theirs === undefined) return []
  const name = cost === 'cpu' ? 'CPU' : cost
  return [{ what: `${name} to ${to}`, value: ours[cost] / theirs[cost], most, unit: '×' }]
}

/**
 * @param {ReadonlyMap<string, Cost>} medians
 * @param {string} of
 * @param {number} most MiB
 * @returns {ReadonlyArray<Mark>}
 */
export const memoryMark = (medians, of, most) => {
  const ours = medians.get(of)
  return ours === undefined ? [] : [{ what: 'peak memory', value: ours.memory, most, unit: ' MiB' }]
}

/** All of it counts, whoever it is that has the core. @param {LoopDelay} delay @returns {Mark} */
export const delayMark = ({ p99, own }) => ({
  what: `event-loop delay p99${own === undefined ? '' : `, ${show(own.p99, ' ms')} without waits for a core or the host,`}`,
  value: p99,
  most: mostDelayMs,
  unit: ' ms',
})

/** @param {Mark} mark */
export const isMet = ({ value, most }) => value <= most

/** @param {number} value @param {Mark['unit']} unit */
const show = (value, unit) => `${value.toFixed(unit === ' MiB' ? 0 : 2)}${unit}`

/** @typedef {{ readonly isMet: boolean, readonly text: string }} Verdict */

/** @param {string} of @param {Mark} mark @returns {Verdict} */
export const judge = (of, mark) => ({
  isMet: isMet(mark),
  text: `${of}: ${mark.what} ${show(mark.value, mark.unit)} (at most ${show(mark.most, mark.unit)})`,
})

/** What a program says of itself, where a line of it ends so. @param {string} line @returns {ReadonlyArray<Verdict>} */
export const ownVerdict = (line) => {
  const found = /^(.*\S)\s*\((met|missed)\)$/.exec(line)
  return found === null ? [] : [{ isMet: found[2] === 'met', text: (found[1] ?? '').replace(/\s+/g, ' ') }]
}

/** @param {Verdict} verdict */
export const showVerdict = ({ isMet, text }) => `${isMet ? 'met   ' : 'missed'} ${text}`
