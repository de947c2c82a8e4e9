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

/** @param {Cost} cost */
export const showCost = ({ wall, cpu, memory }) =>
  `${wall.toFixed(2).padStart(7)} s wall ${cpu.toFixed(2).padStart(7)} s CPU ${memory.toFixed(0).padStart(6)} MiB`

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
      return `${name.padEnd(20)} wall ${ratios[0] ?? ''}  CPU ${ratios[1] ?? ''}  memory ${ratios[2] ?? ''}`
    })
}

/**
 * @param {ReadonlyMap<string, Cost>} medians
 * @param {string} floor
 */
export const markdownTable = (medians, floor) => {
  const base = medians.get(floor)
  return [
    '| client | wall | CPU | peak memory | wall to the floor | CPU to the floor |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    ...[...medians].map(
      ([name, { wall, cpu, memory }]) =>
        `| ${name} | ${wall.toFixed(2)} s | ${cpu.toFixed(2)} s | ${memory.toFixed(0)} MiB ` +
        `| ${times(wall / (base?.wall ?? NaN))} | ${times(cpu / (base?.cpu ?? NaN))} |`,
    ),
  ]
}
