import type { ChokePolicy } from './policy.js'

/**
 * One policy while there is something to get back, another one while seeding.
 *
 * @example
 * ```ts
 * const policy = bySeeding({ downloading: withOptimistic(titForTat), seeding: antiLeech })
 * ```
 */
export const bySeeding =
  ({
    downloading,
    seeding,
  }: {
    readonly downloading: ChokePolicy
    readonly seeding: ChokePolicy
  }): ChokePolicy =>
  (round) =>
    round.isSeeding ? seeding(round) : downloading(round)
