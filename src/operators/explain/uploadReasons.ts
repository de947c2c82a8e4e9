import type { SessionState } from '../session/state.js'
import type { Reason } from './reason.js'

/** Why nothing goes to the peers that are connected. */
export const uploadReasons = (state: SessionState): ReadonlyArray<Reason> => {
  const takers = state.peers.filter(({ peerInterested }) => peerInterested)
  if (takers.length === 0) return [{ _tag: 'NotInterested', peers: state.peers.length }]
  if (takers.every(({ amChoking }) => amChoking))
    return [{ _tag: 'AllChoked', by: 'us', peers: takers.length }]
  return limitReason(state, 'up')
}

/** Whether a limit is what holds the speed, as none or one reason. */
export const limitReason = (state: SessionState, direction: 'down' | 'up'): ReadonlyArray<Reason> => {
  const { limits } = state
  const limit = limits[direction]
  const isHeld = limit === 0 || (direction === 'down' ? limits.isDownHeld : limits.isUpHeld)
  return isHeld ? [{ _tag: 'Limited', direction, limit }] : []
}
