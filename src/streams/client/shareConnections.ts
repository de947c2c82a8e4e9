import { type Demand, shareOut } from '../../operators/budget/shareOut.js'
import type { ConnectionLimits } from '../../operators/session/connectionLimits.js'
import type { Member } from './member.js'

/** Who knows nobody may yet be found: so many may come before the next sharing. */
const HEADROOM = 4

/** Gives each session its part of what all may have together, by what it can use, and tells it where that is news. */
export const shareConnections = (budget: ConnectionLimits, members: ReadonlyArray<Member>): void => {
  const connections = shareOut(budget.connections, members.map(connectionDemand), 1)
  const slots = shareOut(budget.unchokeSlots, members.map(slotDemand), 1)
  members.forEach((member, index) => {
    tellConnections(member, { connections: connections[index]!, unchokeSlots: slots[index]! })
  })
}

/** Says so only where it is news. */
export const tellConnections = (member: Pick<Member, 'share' | 'tell'>, share: ConnectionLimits): void => {
  const { connections, unchokeSlots } = member.share
  if (connections === share.connections && unchokeSlots === share.unchokeSlots) return
  member.share = share
  member.tell({ _tag: 'SetConnectionLimits', ...share })
}

const connectionDemand = ({ state, told, most }: Member): Demand => ({
  wanted:
    state === undefined || told === 'paused'
      ? 0
      : Math.max(state.peers.length, state.candidates.length) + HEADROOM,
  most: most.connections,
})

const slotDemand = ({ state, most }: Member): Demand => ({
  wanted: state === undefined ? 0 : state.peers.filter(({ peerInterested }) => peerInterested).length + 1,
  most: most.unchokeSlots,
})
