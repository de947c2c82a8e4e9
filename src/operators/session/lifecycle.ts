import { addCandidate, dialable, knownCandidate, markDialling } from '../peer/candidates.js'
import { isBanned } from '../peer/ban.js'
import { swarmHash } from '../../codecs/swarmHash.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { CandidateSource, DialCandidate } from '../peer/policy.js'
import { bytesInPieces } from '../piece/geometry.js'
import { hasPiece, isWanted } from '../piece/pieceTable.js'
import { dueAnnounces, isStopAnnounced, requestEvent } from '../tracker/announceSchedule.js'
import { announcedPort } from './announcedPort.js'
import { askDial } from './askPolicy.js'
import { askFlush } from './askFlush.js'
import { emit } from './emit.js'
import { SESSION_LIMITS } from './limits.js'
import { isActive, isComplete, isDone, type SessionModel } from './model.js'
import { isResumeBusy, saveResumeAtEnd } from './saveResume.js'
import { closePeer } from './peers.js'
import { setStage } from './phase.js'
import { setRateLimits } from './setRateLimits.js'
import { tellLongFiles } from './tellLongFiles.js'
import * as O from '#fp/Option'

/** What is on disk is known: from here on there are peers. */
export const startNetwork = (model: SessionModel): void => {
  model.hasCompleted = isComplete(model)
  model.wasDone = isDone(model)
  setStage(model, 'open')
  tellLongFiles(model)
  setRateLimits(model)
  // Also makes the files that have no byte to wait for.
  if (model.wasDone) askFlush(model)
  addCandidates(model, model.config.peers, 'manual')
  goOnline(model)
}

/** To the peers and trackers, unless a pause is wanted: at the start, and after one. */
export const goOnline = (model: SessionModel): void => {
  if (model.stage !== 'open' || model.desired !== 'running') return
  if (!model.isListening) {
    model.isListening = true
    emit(model, { _tag: 'Listen' })
  } else if (model.isPortKnown) join(model)
}

/** The first announce waits for the port that it names. */
export const onPortKnown = (model: SessionModel): void => {
  model.isPortKnown = true
  goOnline(model)
}

const join = (model: SessionModel): void => {
  if (model.config.announces !== false) requestEvent(model.trackers, 'started', model.now)
  announceDue(model)
  dialMore(model)
}

export const addCandidates = (
  model: SessionModel,
  addresses: ReadonlyArray<PeerAddress>,
  source: CandidateSource,
): void => {
  for (const { host, port } of addresses) {
    if (!isBanned(model.bans, host, port)) addCandidate(model.candidates, { host, port }, source, model.now)
  }
}

/** Opens connections while there is room and somebody to dial. */
export const dialMore = (model: SessionModel): void => {
  if (!isActive(model)) return
  const candidates = dialable(model.candidates, model.now).filter(
    ({ host, port }) => !isBanned(model.bans, host, port),
  )
  dialSome(model, candidates, false)
}

/**
 * Dials an address at once, if the policy has nothing against it: the other end dials us at this moment (BEP 55). Not where
 * it is connected or being dialled already.
 */
export const punch = (model: SessionModel, address: PeerAddress): void => {
  const isSame = ({ host, port }: PeerAddress): boolean => host === address.host && port === address.port
  if (!isActive(model) || [...model.dialling.values()].some(isSame)) return
  if ([...model.peers.values()].some((peer) => isSame(peer.address))) return
  addCandidates(model, [address], 'pex')
  const candidate = knownCandidate(model.candidates, address)
  if (candidate !== undefined && !isBanned(model.bans, address.host, address.port)) {
    dialSome(model, [candidate], true)
  }
}

/** Has the policy choose, and dials those. */
const dialSome = (model: SessionModel, candidates: ReadonlyArray<DialCandidate>, isPunch: boolean): void => {
  const room = Math.min(
    model.connections - model.peers.size - model.dialling.size,
    SESSION_LIMITS.dialling - model.dialling.size,
  )
  if (room <= 0 || candidates.length === 0) return
  const offered = new Map(
    candidates.map((candidate) => [`${candidate.host} ${String(candidate.port)}`, candidate]),
  )
  const chosen = askDial(model, {
    now: model.now,
    room,
    candidates,
    connected: [...Array.from(model.peers.values(), ({ address }) => address), ...model.dialling.values()],
    ownAddress: ownAddress(model),
    random: model.random,
  })
  let left = room
  for (const { host, port } of chosen) {
    const candidate = offered.get(`${host} ${String(port)}`)
    if (candidate === undefined || left === 0) continue
    offered.delete(`${host} ${String(port)}`)
    left--
    const address = { host, port }
    const peer = model.nextDialKey
    model.nextDialKey += 2
    markDialling(model.candidates, address, model.now)
    model.dialling.set(peer, isPunch ? { ...address, isPunch } : address)
    emit(model, { _tag: 'Dial', peer, address, ...(isPunch ? { isPunch } : {}) })
  }
}

/** Where others reach us, as they say. */
export const ownAddress = (model: SessionModel): O.Option<PeerAddress> => {
  const { winner } = model.addressVotes
  const port = announcedPort(model)
  return winner === undefined || port === undefined ? O.none : O.some({ host: winner, port })
}

/** Bytes verified and written. */
export const haveBytes = ({ table, geometry }: SessionModel): number =>
  bytesInPieces(geometry, table.havePieces, (piece) => hasPiece(table, piece))

/** Bytes of the pieces that are wanted. */
export const wantedBytes = ({ table, geometry }: SessionModel): number =>
  bytesInPieces(geometry, table.wantedPieces, (piece) => isWanted(table, piece))

/** Those of them that are verified and written. */
export const wantedHaveBytes = ({ table, geometry }: SessionModel): number =>
  bytesInPieces(geometry, table.wantedHave, (piece) => isWanted(table, piece) && hasPiece(table, piece))

/** Peers below which the tracker is asked before its time. */
const FEW_PEERS = 8

export const announceDue = (model: SessionModel): void => {
  const { config } = model
  const due = dueAnnounces(model.trackers, model.now, {
    infohash: swarmHash(config.metainfo),
    peerId: config.peerId,
    port: announcedPort(model) ?? 0,
    uploaded: model.uploaded,
    downloaded: model.downloaded,
    left: model.geometry.size - haveBytes(model),
    numWant: isDone(model) ? 50 : 100,
    key: config.announceKey,
    wantPeers: model.phase === 'downloading' && model.peers.size + model.dialling.size < FEW_PEERS,
    isPartialSeed: isDone(model) && !isComplete(model),
  })
  for (const { id, url, request } of due) emit(model, { _tag: 'Announce', id, url, request })
}

/** Says good-bye: no peer stays, trackers hear `stopped`, what was verified is flushed and kept in mind. */
export const stop = (model: SessionModel): void => {
  if (model.stage === 'stopping' || model.stage === 'stopped') return
  const wasOpen = model.stage !== 'opening'
  model.desired = 'stopped'
  model.recheckIds.clear()
  if (model.recheck !== undefined) emit(model, { _tag: 'CancelCheck' })
  model.recheck = undefined
  setStage(model, 'stopping')
  model.stopAt = model.now + SESSION_LIMITS.stopMs
  for (const peer of [...model.peers.values()]) closePeer(model, peer, { _tag: 'NotNeeded', why: 'stopping' })
  for (const key of model.dialling.keys()) {
    emit(model, { _tag: 'Close', peer: key, reason: { _tag: 'NotNeeded', why: 'stopping' } })
  }
  model.dialling.clear()
  requestEvent(model.trackers, 'stopped', model.now)
  announceDue(model)
  model.isFlushed = !wasOpen
  model.isFlushing = false
  finishIfDone(model)
}

/** Whether a whole piece is still being verified or written. */
const hasPendingPieces = (model: SessionModel): boolean => {
  for (const { received, blockCount, piece } of model.downloads.byPiece.values()) {
    if (
      received === blockCount &&
      !model.retries.some((retry) => 'piece' in retry && retry.piece === piece)
    ) {
      return true
    }
  }
  return false
}

/** Ends the session once all has been said and written, or its time is up. */
export const finishIfDone = (model: SessionModel): void => {
  if (model.stage !== 'stopping') return
  // Nothing is written any more, and how long it takes is the disk's matter.
  if (model.removal !== undefined) return
  const isTimeUp = model.now >= model.stopAt
  if (!hasPendingPieces(model) && !model.isFlushed && !model.isFlushing) {
    model.isFlushing = true
    askFlush(model)
    saveResumeAtEnd(model)
  }
  const isSaved = model.isFlushed && !isResumeBusy(model) && model.renaming.length === 0
  if (!isTimeUp && !(isSaved && isStopAnnounced(model.trackers))) return
  setStage(model, 'stopped')
}
