import type { SessionState } from '../session/state.js'
import type { Reason } from './reason.js'
import { trackerOutlook } from './trackerOutlook.js'

/** Why nobody is connected; undefined where somebody is. */
export const noPeerReason = (state: SessionState): ReadonlyArray<Reason> | undefined => {
  const { peers, dialling, trackers } = state
  if (peers.length > 0) return undefined
  if (dialling > 0) return [{ _tag: 'Connecting', dialling }]
  return [{ _tag: 'NoPeers', candidates: state.candidates.length, trackers: trackerOutlook(trackers) }]
}
