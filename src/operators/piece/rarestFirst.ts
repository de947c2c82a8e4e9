import { pickedAt } from './pickedAt.js'
import type { PiecePolicy } from './policy.js'

/**
 * Of the pieces with the highest priority, the one that the fewest connected peers have, any of the rarest: keeps every
 * piece alive in the swarm (BEP 3). Among seeds, where all are equally rare, neighbours mostly follow each other for up to 4 MiB
 * (a 64th of the torrent at most), so that they are written in one go.
 */
export const rarestFirst: PiecePolicy = (ctx) => pickedAt(ctx.firstByRarity())
