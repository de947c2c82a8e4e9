import { pieceStatus, type PeerState, type SessionState } from '../session/state.js'
import type { Reason } from './reason.js'
import { limitReason } from './uploadReasons.js'

/** Missing pieces that are named one by one. */
const NAMED = 16

/** Why nothing comes from the peers that are connected. */
export const downloadReasons = (state: SessionState): ReadonlyArray<Reason> => {
  const givers = state.peers.filter(({ amInterested }) => amInterested)
  if (givers.length === 0) return nobodyHas(state)
  const open = givers.filter(({ peerChoking }) => !peerChoking)
  if (open.length === 0) return [{ _tag: 'AllChoked', by: 'peers', peers: givers.length }]
  if (open.every(({ isSnubbed }) => isSnubbed)) return [{ _tag: 'AllSnubbed', peers: open.length }]
  return silence(state, open)
}

const nobodyHas = (state: SessionState): ReadonlyArray<Reason> => {
  const { status, priority } = state.pieces
  const pieces: number[] = []
  let count = 0
  for (let piece = 0; piece < status.length; piece++) {
    if (priority[piece] === 0) continue
    if (status[piece] !== pieceStatus.missing && status[piece] !== pieceStatus.partial) continue
    count++
    if (pieces.length < NAMED) pieces.push(piece)
  }
  return count === 0 ? diskBusy(state) : [{ _tag: 'NoPeerHasMissing', count, pieces }]
}

/** There are peers to ask, and all the same nothing comes. */
const silence = (state: SessionState, open: ReadonlyArray<PeerState>): ReadonlyArray<Reason> => {
  const limited = limitReason(state, 'down')
  if (limited.length > 0) return limited
  const outstanding = open.reduce((sum, peer) => sum + peer.outstanding, 0)
  if (outstanding === 0) return diskBusy(state)
  return state.rates.down > 0 ? [] : [{ _tag: 'Stalled', outstanding }]
}

const diskBusy = ({ pieces }: SessionState): ReadonlyArray<Reason> => {
  const waiting = pieces.status.reduce((sum, status) => sum + (status === pieceStatus.verifying ? 1 : 0), 0)
  return waiting === 0 ? [] : [{ _tag: 'DiskBusy', pieces: waiting }]
}
