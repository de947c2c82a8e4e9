/**
 * Divides a rate among those who want some of it, max-min fair: who wants less than an equal share gets what it wants,
 * and the others share the rest equally.
 *
 * 1. Nobody gets more than it wants, and all together get no more than `total` (but for rounding of the last digit).
 * 2. Nothing is kept back while somebody wants more.
 * 3. Nobody can get more without taking it from somebody who has as little or less.
 *
 * Pure. Rates in bytes per second, `Infinity` for as much as can be; what is no rate (negative, `NaN`) counts as 0.
 *
 * @returns a share for each demand, in their order.
 *
 * @example
 * ```ts
 * shareRates(100, [10, Infinity, 60]) // [10, 45, 45]
 * ```
 */
export const shareRates = (total: number, demands: ReadonlyArray<number>): ReadonlyArray<number> => {
  const wanted = demands.map(asRate)
  const shares = wanted.map(() => 0)
  const order = wanted.map((_, index) => index).sort((a, b) => compare(wanted[a]!, wanted[b]!))
  let left = asRate(total)
  order.forEach((index, served) => {
    const share = Math.min(wanted[index]!, left / (order.length - served))
    shares[index] = share
    // No share is infinite unless all that is left is.
    if (left !== Infinity) left = Math.max(0, left - share)
  })
  return shares
}

const asRate = (value: number): number => (value > 0 ? value : 0)

const compare = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1)
