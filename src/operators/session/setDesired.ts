import { requestEvent } from '../tracker/announceSchedule.js'
import { emit } from './emit.js'
import { goOn } from './goOn.js'
import { announceDue, stop } from './lifecycle.js'
import { SESSION_LIMITS } from './limits.js'
import type { SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'
import { closePeer } from './peers.js'
import { updatePhase } from './phase.js'
import { quietAll } from './quiet.js'
import { saveResume } from './saveResume.js'
import type { DesiredState } from './state.js'

/** What is wrong with what a session is to be; undefined: nothing. */
export const desiredProblem = (desired: DesiredState): string | undefined =>
  ['running', 'paused', 'stopped'].includes(desired)
    ? undefined
    : 'a session is to be running, paused or stopped'

/** What the user wants of the session from now on. */
export const setDesired = (model: SessionModel, desired: DesiredState): void => {
  if (model.desired === desired || model.desired === 'stopped') return
  if (desired === 'stopped') {
    stop(model)
    return
  }
  model.desired = desired
  // Also where the phase does not tell.
  model.isUrgent = true
  if (desired === 'paused') pause(model)
  updatePhase(model)
  if (desired === 'running') goOn(model)
}

/** What is on its way comes to its end; connections are kept. Before there are any, there is nothing to do. */
const pause = (model: SessionModel): void => {
  if (model.stage !== 'open') return
  model.isDrained = false
  model.pauseBy = model.now + SESSION_LIMITS.pauseMs
  for (const peer of model.dialling.keys()) {
    emit(model, { _tag: 'Close', peer, reason: { _tag: 'NotNeeded', why: 'paused' } })
  }
  quietAll(model)
  requestEvent(model.trackers, 'stopped', model.now)
  announceDue(model)
}

/** Whether payload may still be on its way from the peer or to it. */
const owes = ({ requests, servingBytes, isFull }: PeerModel): boolean =>
  requests.size > 0 || servingBytes > 0 || isFull

/** The session is paused once nothing is on its way. To be called at the end of each turn. */
export const finishPause = (model: SessionModel): void => {
  if (model.isDrained || model.desired !== 'paused' || model.stage !== 'open') return
  for (const peer of model.peers.values()) if (owes(peer)) return
  model.isDrained = true
  updatePhase(model)
  saveResume(model, 'all')
}

/** Who does not come to its end in time is closed. */
export const hurryPause = (model: SessionModel): void => {
  if (model.isDrained || model.desired !== 'paused' || model.now < model.pauseBy) return
  for (const peer of [...model.peers.values()]) {
    if (owes(peer)) closePeer(model, peer, { _tag: 'NotNeeded', why: 'paused' })
  }
}
