import { NONE } from '../piece/downloads.js'
import { rate, sampleRate } from '../rate/ewma.js'
import { sampleDepth } from '../rate/requestDepth.js'
import { outstandingCount } from '../rate/requestQueue.js'
import { askFlush } from './askFlush.js'
import { chokeRound } from './chokeRound.js'
import { emit, tell } from './emit.js'
import { announceDue, dialMore } from './lifecycle.js'
import { SESSION_LIMITS } from './limits.js'
import { isActive, isDone, type SessionModel, setPhase } from './model.js'
import { selectFilesOnDisk } from './prioritize.js'
import { closePeer, releasePeerRequests } from './peers.js'
import { peerHas } from './mayAsk.js'
import { requestFromAll } from './requestBlocks.js'
import { serveUploads } from './serve.js'
import { setRateLimits } from './setRateLimits.js'
import type { PeerModel } from './peerModel.js'

/** All that happens because time passes. */
export const onTick = (model: SessionModel): void => {
  sampleRates(model)
  setRateLimits(model)
  if (model.now >= model.retryAt) {
    // The storage answers first; what else is due can wait for the next tick.
    retryStorage(model)
    return
  }
  announceDue(model)
  if (!isActive(model)) return
  tellHaves(model)
  for (const peer of [...model.peers.values()]) watch(model, peer)
  if (model.now - model.lastChokeAt >= SESSION_LIMITS.chokeRoundMs) {
    model.lastChokeAt = model.now
    chokeRound(model, 'due')
  } else if (model.hasFreedSlot) {
    chokeRound(model, 'newcomer')
  }
  model.hasFreedSlot = false
  dialMore(model)
  requestFromAll(model)
  serveAll(model)
}

/** Each tick another peer comes first: under a limit the first ones use up what there is. */
const serveAll = (model: SessionModel): void => {
  const peers = [...model.peers.values()]
  const first = model.ticks++ % Math.max(1, peers.length)
  for (let i = 0; i < peers.length; i++) serveUploads(model, peers[(first + i) % peers.length]!)
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
  if (outstandingCount(peer.requests) === 0) {
    // The clock of a snub runs while something is owed.
    peer.lastBlockAt = now
  } else if (now - peer.lastBlockAt > SESSION_LIMITS.snubMs) {
    peer.isSnubbed = true
    // What it is asked for next has as long.
    peer.lastBlockAt = now
    releasePeerRequests(model, peer)
  }
}

/** The storage may have recovered: what failed is done again. */
const retryStorage = (model: SessionModel): void => {
  const retries = model.retries.splice(0)
  model.retryAt = Infinity
  if (model.phase !== 'stalled') return
  if (retries.some((retry) => retry._tag === 'Open')) {
    setPhase(model, 'opening')
    emit(model, { _tag: 'OpenStorage' })
    return
  }
  setPhase(model, isDone(model) ? 'seeding' : 'downloading')
  if (retries.some((retry) => retry._tag === 'Select')) selectFilesOnDisk(model)
  for (const retry of retries) {
    if (retry._tag === 'Write') {
      const { piece, slot, length } = retry
      emit(model, { _tag: 'WritePiece', piece, slot, length })
    } else if (retry._tag === 'Verify') {
      emit(model, { _tag: 'VerifyPiece', piece: retry.piece, slot: NONE, length: 0 })
    }
  }
  if (retries.some((retry) => retry._tag === 'Flush')) askFlush(model)
}
