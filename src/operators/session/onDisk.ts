import { endDownload, NONE, sendersOf } from '../piece/downloads.js'
import { blockSize, pieceSize } from '../piece/geometry.js'
import { isWanted, markHave, markMissing, markVerifying } from '../piece/pieceTable.js'
import { requestEvent } from '../tracker/announceSchedule.js'
import { emit, notify, tell } from './emit.js'
import type { DiskEvent } from './event.js'
import { startNetwork } from './lifecycle.js'
import { abandonPiece } from './abandonPiece.js'
import { SESSION_LIMITS } from './limits.js'
import { isComplete, isDone, type SessionModel, setPhase, type StorageRetry } from './model.js'
import { banPeerFor, clearSuspicion, closeIfBothSeed, updateInterest } from './peers.js'
import { selectFilesOnDisk } from './prioritize.js'
import { cancelPiece } from './receivePiece.js'
import { peerHas } from './mayAsk.js'
import { requestFromAll } from './requestBlocks.js'
import { settleWanted } from './settleWanted.js'
import type { StorageError } from './storageError.js'
import { choke } from './chokeRound.js'

/** Everything that comes from the storage and the hasher. */
export const onDisk = (model: SessionModel, event: DiskEvent): void => {
  switch (event._tag) {
    case 'StorageOpened':
      setPhase(model, 'checking')
      // Before anything is written or looked for.
      selectFilesOnDisk(model)
      if (model.geometry.pieceCount === 0) startNetwork(model)
      else emit(model, { _tag: 'CheckPieces', first: 0, last: model.geometry.pieceCount - 1 })
      return
    case 'PiecesChecked':
      onChecked(model, event.first, event.ok)
      return
    case 'PieceVerified':
      onVerified(model, event.piece, event.ok)
      return
    case 'PieceLost':
      startOver(model, event.piece)
      return
    case 'PieceWritten':
      onWritten(model, event.piece)
      return
    case 'BlockWritten':
      onBlockWritten(model, event.piece, event.block)
      return
    case 'Flushed':
      onFlushed(model)
      return
    case 'ServeFailed':
      onServeFailed(model, event)
      return
    case 'StorageFailed':
      onStorageFailed(model, event)
      return
  }
}

const onChecked = (model: SessionModel, first: number, ok: Uint8Array): void => {
  if (model.phase !== 'checking') return
  for (let i = 0; i < ok.length; i++) {
    if (ok[i] === 1) markHave(model.table, first + i)
    else markMissing(model.table, first + i)
  }
  model.checkedPieces = first + ok.length
  if (model.checkedPieces < model.geometry.pieceCount) return
  notify(model, { _tag: 'CheckDone', at: model.now, havePieces: model.table.havePieces })
  startNetwork(model)
}

const onVerified = (model: SessionModel, piece: number, ok: boolean): void => {
  const download = model.downloads.byPiece.get(piece)
  if (download === undefined) return
  if (ok && download.slot !== NONE) {
    emit(model, { _tag: 'WritePiece', piece, slot: download.slot, length: pieceSize(model.geometry, piece) })
    return
  }
  if (ok) {
    onWritten(model, piece)
    return
  }
  const senders = sendersOf(download)
  model.corrupt += pieceSize(model.geometry, piece)
  startOver(model, piece)
  notify(model, { _tag: 'PieceFailed', at: model.now, piece, senders })
  blame(model, piece, senders)
  requestFromAll(model)
}

/** The piece must come again from its first block on. */
const startOver = (model: SessionModel, piece: number): void => {
  const download = model.downloads.byPiece.get(piece)
  if (download !== undefined) abandonPiece(model, download)
  settleWanted(model)
}

/**
 * Who sent a whole bad piece alone is a proven liar. Of several, each is on parole: it works alone on its pieces until
 * one is good, or one is bad and proves it. No honest peer can be banned for what another did.
 */
const blame = (model: SessionModel, piece: number, senders: ReadonlyArray<number>): void => {
  for (const key of senders) {
    const peer = model.peers.get(key)
    if (peer === undefined) continue
    if (senders.length === 1) banPeerFor(model, peer, piece)
    else peer.suspicion++
  }
}

const onWritten = (model: SessionModel, piece: number): void => {
  const { table, downloads } = model
  const download = downloads.byPiece.get(piece)
  if (download === undefined) return
  const senders = sendersOf(download)
  endDownload(downloads, download)
  if (download.slot !== NONE) model.freeSlots.push(download.slot)
  markHave(table, piece)
  model.newHaves.push(piece)
  notify(model, { _tag: 'PieceDone', at: model.now, piece })
  if (senders.length === 1) {
    const peer = model.peers.get(senders[0]!)
    if (peer !== undefined) clearSuspicion(model, peer)
  }
  for (const peer of model.peers.values()) {
    // A piece may come that nobody wants any more.
    if (!isWanted(table, piece) || !peerHas(peer, piece)) continue
    peer.wantedPieces--
    updateInterest(model, peer)
  }
  model.hasUnflushed = true
  if (model.phase !== 'stopping') model.isFlushed = false
  settleWanted(model)
  if (model.isStarved) {
    model.isStarved = false
    requestFromAll(model)
  }
}

const onBlockWritten = (model: SessionModel, piece: number, block: number): void => {
  const { downloads, geometry } = model
  model.throughBytes -= blockSize(geometry, piece, block)
  const download = downloads.byPiece.get(piece)
  if (download !== undefined && ++download.written === download.blockCount) {
    markVerifying(model.table, piece)
    emit(model, { _tag: 'VerifyPiece', piece, slot: NONE, length: pieceSize(geometry, piece) })
  }
  if (model.isStarved) {
    model.isStarved = false
    requestFromAll(model)
  }
}

const onFlushed = (model: SessionModel): void => {
  model.pendingFlushes = Math.max(0, model.pendingFlushes - 1)
  if (model.pendingFlushes > 0) return
  if (model.phase === 'stopping') {
    model.isFlushed = true
    return
  }
  if (!isDone(model) || model.isFlushed) return
  model.isFlushed = true
  model.isUrgent = true
  if (!model.isDoneTold) notify(model, { _tag: 'Completed', at: model.now })
  model.isDoneTold = true
  // BEP 3: only once everything has come, and not by who was complete from the start.
  if (isComplete(model) && !model.wasCompleteAtStart && !model.isCompletedAnnounced) {
    model.isCompletedAnnounced = true
    requestEvent(model.trackers, 'completed', model.now)
  }
  for (const peer of [...model.peers.values()]) closeIfBothSeed(model, peer)
}

const onServeFailed = (model: SessionModel, event: DiskEvent & { readonly _tag: 'ServeFailed' }): void => {
  const { piece, begin, length, blockLength, error } = event
  const peer = model.peers.get(event.peer)
  if (peer !== undefined) {
    peer.servingBytes -= length
    for (let done = 0; peer.hasFast && done < length; done += blockLength) {
      const size = Math.min(blockLength, length - done)
      tell(model, peer, { _tag: 'RejectRequest', piece, begin: begin + done, length: size })
    }
  }
  stall(model, { _tag: 'Read' }, error)
}

const onStorageFailed = (
  model: SessionModel,
  event: DiskEvent & { readonly _tag: 'StorageFailed' },
): void => {
  const { piece, error } = event
  switch (error.operation) {
    case 'open':
      stall(model, { _tag: isOpening(model) ? 'Open' : 'Select' }, error)
      return
    case 'flush':
      model.pendingFlushes = Math.max(0, model.pendingFlushes - 1)
      if (model.phase === 'stopping') model.isFlushed = true
      stall(model, { _tag: 'Flush' }, error)
      return
    case 'hash':
      // A whole-torrent check that breaks off starts over; a written-through piece is hashed again.
      stall(model, piece < 0 ? { _tag: 'Open' } : { _tag: 'Verify', piece }, error)
      return
    case 'read':
      stall(model, { _tag: 'Read' }, error)
      return
    case 'write': {
      if (!model.usesSlots) model.throughBytes -= event.bytes
      const download = model.downloads.byPiece.get(piece)
      if (download === undefined) return
      // Nobody will try again once the session stops.
      if (download.slot === NONE || model.phase === 'stopping') {
        cancelPiece(model, download)
        startOver(model, piece)
        stall(model, { _tag: 'Read' }, error)
      } else {
        const length = pieceSize(model.geometry, piece)
        stall(model, { _tag: 'Write', piece, slot: download.slot, length }, error)
      }
      return
    }
  }
}

/** Whether the storage and what it holds are not yet known; later, only choosing files opens anything. */
const isOpening = ({ phase }: SessionModel): boolean => phase === 'opening' || phase === 'checking'

/** The storage cannot go on: nothing is asked for or served until it is tried again. */
const stall = (model: SessionModel, retry: StorageRetry, error: StorageError): void => {
  notify(model, { _tag: 'StorageFailed', at: model.now, error })
  if (model.phase === 'stopping' || model.phase === 'stopped') return
  model.retries.push(retry)
  if (model.phase === 'stalled') return
  setPhase(model, 'stalled')
  model.retryAt = model.now + SESSION_LIMITS.storageRetryMs
  for (const peer of model.peers.values()) choke(model, peer)
}
