import { SESSION_LIMITS } from '../../operators/session/limits.js'
import type { Budget } from './budget.js'
import type { Member } from './member.js'
import { tellConnections } from './shareConnections.js'
import { tellMemory } from './shareMemory.js'

/**
 * What a session begins with until all are looked at: an even part of what `count` sessions have together. To share out
 * anew among all for each of many that begin would take a third of the time of beginning. Until then the others keep
 * theirs, so that what all are told may be too much.
 */
export const giveEvenShare = (
  budget: Budget,
  member: Pick<Member, 'most' | 'share' | 'pieceLength' | 'memory' | 'tell'>,
  count: number,
): void => {
  const { most, pieceLength } = member
  const partOf = (total: number): number => Math.max(1, Math.floor(total / Math.max(1, count)))
  tellConnections(member, {
    connections: Math.min(most.connections, partOf(budget.connections)),
    unchokeSlots: Math.min(most.unchokeSlots, partOf(budget.unchokeSlots)),
  })
  tellMemory(member, Math.max(SESSION_LIMITS.leastSlots * pieceLength, partOf(budget.memory)))
}
