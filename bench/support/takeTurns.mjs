import { medianCost, ratiosTo, showCost } from './table.mjs'

/** @import { Cost } from './table.mjs' */

/**
 * Somebody to compare.
 *
 * @typedef {{ readonly name: string, readonly run: () => Promise<Cost> }} Contestant
 */

/**
 * Runs each in turn, so that what the machine does beside hits all of them, each round from another one on, so that nobody
 * is always the first; prints every turn, the medians, and their ratios to `base`.
 *
 * @param {object} options
 * @param {ReadonlyArray<Contestant>} options.contestants
 * @param {number} options.rounds
 * @param {string} options.base
 * @param {(line: string) => void} options.say
 * @param {boolean} [options.isQuiet] of the single turns
 * @returns {Promise<ReadonlyMap<string, Cost>>} medians
 */
export const takeTurns = async ({ contestants, rounds, base, say, isQuiet = false }) => {
  /** @type {Map<string, Cost[]>} */
  const costs = new Map(contestants.map(({ name }) => [name, []]))
  for (let round = 1; round <= rounds; round++) {
    const first = (round - 1) % contestants.length
    for (const { name, run } of [...contestants.slice(first), ...contestants.slice(0, first)]) {
      const cost = await run()
      costs.get(name)?.push(cost)
      if (!isQuiet) say(`round ${String(round)}  ${name.padEnd(28)} ${showCost(cost)}`)
    }
  }
  const medians = new Map([...costs].map(([name, all]) => [name, medianCost(all)]))
  if (rounds > 1) for (const [name, cost] of medians) say(`median   ${name.padEnd(28)} ${showCost(cost)}`)
  for (const line of ratiosTo(medians, base)) say(line)
  return medians
}
