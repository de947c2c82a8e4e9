/** @import { Report } from './scenario.mjs' */

/**
 * What a run took.
 *
 * @typedef {{ readonly wall: number, readonly cpu: number, readonly memory: number }} Cost
 */

/** @param {ReadonlyArray<number>} values */
const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
}

/** @param {ReadonlyArray<Cost>} costs @returns {Cost} */
export const medianCost = (costs) => ({
  wall: median(costs.map(({ wall }) => wall)),
  cpu: median(costs.map(({ cpu }) => cpu)),
  memory: median(costs.map(({ memory }) => memory)),
})

/** A start-up is tens of milliseconds. @param {number} value */
const seconds = (value) => `${value.toFixed(value < 1 ? 3 : 2)} s`

/** @param {Cost} cost */
export const showCost = ({ wall, cpu, memory }) =>
  `${seconds(wall).padStart(9)} wall ${seconds(cpu).padStart(9)} CPU ${memory.toFixed(0).padStart(6)} MiB`

/** @param {number} ratio */
const times = (ratio) => `${ratio.toFixed(2)}×`

/**
 * Each client's cost as multiples of another's.
 *
 * @param {ReadonlyMap<string, Cost>} medians
 * @param {string} base
 */
export const ratiosTo = (medians, base) => {
  const of = medians.get(base)
  if (of === undefined) return []
  return [...medians]
    .filter(([name]) => name !== base)
    .map(([name, { wall, cpu, memory }]) => {
      const ratios = [wall / of.wall, cpu / of.cpu, memory / of.memory].map((ratio) =>
        times(ratio).padStart(7),
      )
      return `to ${base}: ${name.padEnd(28)} wall ${ratios[0] ?? ''}  CPU ${ratios[1] ?? ''}  memory ${ratios[2] ?? ''}`
    })
}

/**
 * All that was measured, a row for each client in each scenario; ratios are to the scenario's base.
 *
 * @param {ReadonlyArray<Report>} reports
 */
export const markdownTable = (reports) => [
  '| scenario | client | wall | CPU | peak memory | wall, ratio | CPU, ratio |',
  '| --- | --- | ---: | ---: | ---: | ---: | ---: |',
  ...reports.flatMap(({ title, base, medians }) =>
    [...medians].map(([name, { wall, cpu, memory }], row) => {
      const of = medians.get(base)
      return (
        `| ${row === 0 ? title : ''} | ${name} | ${seconds(wall)} | ${seconds(cpu)} | ${memory.toFixed(0)} MiB ` +
        `| ${times(wall / (of?.wall ?? NaN))} | ${times(cpu / (of?.cpu ?? NaN))} |`
      )
    }),
  ),
]
