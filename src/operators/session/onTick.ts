import { rate, sampleRate } from '../rate/ewma.js'
import { sampleDepth } from '../rate/requestDepth.js'
import { outstandingCount } from '../rate/requestQueue.js'
import { spreadAnnounces } from '../tracker/announceSchedule.js'
import { chokeRound } from './chokeRound.js'
import { tell } from './emit.js'
import { announceDue, dialMore } from './lifecycle.js'
import { SESSION_LIMITS } from './limits.js'
import { isActive, type SessionModel } from './model.js'
import { closePeer, releasePeerRequests } from './peers.js'
import { hurryPause } from './setDesired.js'
import { askAll } from './askInTurn.js'
import { peerHas } from './mayAsk.js'
import { serveAll } from './serveInTurn.js'
import { setRateLimits } from './setRateLimits.js'
import { retryStorage } from './stall.js'
import { tellPeers } from './extension/tellPeers.js'
import { turnOver } from './turnover.js'
import { tellPolicyFailures } from './policyFailure.js'
import type { PeerModel } from './peerModel.js'

/** All that happens because time passes. */
export const onTick = (model: SessionModel): void => {
  if (model.now - model.lastTickAt > SESSION_LIMITS.sleepMs) {
    spreadAnnounces(model.trackers, model.lastTickAt, model.now)
  }
  model.lastTickAt = model.now
  sampleRates(model)
  setRateLimits(model)
  if (model.now >= model.retryAt) {
    // The storage answers first; what else is due can wait for the next tick.
    retryStorage(model)
    return
  }
  announceDue(model)
  tellPolicyFailures(model)
  if (model.stage !== 'open') return
  tellHaves(model)
  for (const peer of [...model.peers.values()]) watch(model, peer)
  hurryPause(model)
  if (!isActive(model)) return
  if (model.now - model.lastChokeAt >= SESSION_LIMITS.chokeRoundMs) {
    model.lastChokeAt = model.now
    chokeRound(model, 'due')
  } else if (model.hasFreedSlot) {
    chokeRound(model, 'newcomer')
  }
  model.hasFreedSlot = false
  tellPeers(model)
  turnOver(model)
  dialMore(model)
  askAll(model)
  serveAll(model)
}

const sampleRates = (model: SessionModel): void => {
  const { now } = model
  model.helpers = 0
  sampleRate(model.down, now)
  sampleRate(model.up, now)
  for (const peer of model.peers.values()) {
    sampleRate(peer.down, now)
    sampleRate(peer.up, now)
    sampleDepth(peer.depth, rate(peer.down), now)
    if (peer.amInterested && !peer.peerChoking && !peer.isSnubbed) model.helpers++
  }
}

/** `have`s of a whole tick in one write, and only to those who lack the piece. */
const tellHaves = (model: SessionModel): void => {
  const { newHaves } = model
  if (newHaves.length === 0) return
  for (const peer of model.peers.values()) {
    for (const piece of newHaves) if (!peerHas(peer, piece)) tell(model, peer, { _tag: 'Have', piece })
  }
  newHaves.length = 0
}

/** One peer's clocks. */
const watch = (model: SessionModel, peer: PeerModel): void => {
  const { now } = model
  if (now - peer.lastHeardAt > SESSION_LIMITS.idleMs) {
    closePeer(model, peer, { _tag: 'NotNeeded', why: 'idle' })
    return
  }
  if (now - peer.lastSentAt > SESSION_LIMITS.keepAliveMs) tell(model, peer, { _tag: 'KeepAlive' })
  if (outstandingCount(peer.requests) === 0 || !isActive(model)) {
    // The clock of a snub runs while something is owed.
    peer.lastBlockAt = now
  } else if (now - peer.lastBlockAt > SESSION_LIMITS.snubMs) {
    peer.isSnubbed = true
    // What it is asked for next has as long.
    peer.lastBlockAt = now
    releasePeerRequests(model, peer)
  }
}
