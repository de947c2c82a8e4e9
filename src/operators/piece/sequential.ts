import { pickedAt } from './pickedAt.js'
import type { PiecePolicy } from './policy.js'

/**
 * In index order, whatever the priorities: for reading along. Slower for the swarm than `rarestFirst`, which it is best
 * mixed with.
 */
export const sequential: PiecePolicy = (ctx) => pickedAt(ctx.firstByIndex(0, false))
