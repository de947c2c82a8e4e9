import { shareOut } from '../../operators/budget/shareOut.js'
import { SESSION_LIMITS } from '../../operators/session/limits.js'
import type { Member } from './member.js'

/** What all sessions may have together. */
export interface ClientBudget {
  readonly connections: number
  readonly unchokeSlots: number
}

/** Who knows nobody may yet be found: so many may come before the next sharing. */
const HEADROOM = 4

/** Gives each session its part of the budget, by what it can use, and tells it where that is news. */
export const shareConnections = (budget: ClientBudget, members: ReadonlyArray<Member>): void => {
  const connections = shareOut(budget.connections, members.map(wantedConnections), {
    least: 1,
    most: SESSION_LIMITS.connections,
  })
  const slots = shareOut(budget.unchokeSlots, members.map(wantedSlots), {
    least: 1,
    most: SESSION_LIMITS.unchokeSlots,
  })
  members.forEach((member, index) => {
    const fresh = { connections: connections[index]!, unchokeSlots: slots[index]! }
    if (member.connections === fresh.connections && member.unchokeSlots === fresh.unchokeSlots) return
    member.connections = fresh.connections
    member.unchokeSlots = fresh.unchokeSlots
    member.tell({ _tag: 'SetConnectionLimits', ...fresh })
  })
}

const wantedConnections = ({ state, told }: Member): number =>
  state === undefined || told === 'paused' ? 0 : Math.max(state.peers.length, state.candidates) + HEADROOM

const wantedSlots = ({ state }: Member): number =>
  state === undefined ? 0 : state.peers.filter(({ peerInterested }) => peerInterested).length + 1
