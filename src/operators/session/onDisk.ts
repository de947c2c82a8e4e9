import { endDownload, isFromPeers, markStored, NONE, sendersOf } from '../piece/downloads.js'
import { blockSize, pieceSize } from '../piece/geometry.js'
import { markHave, markMissing, markVerifying } from '../piece/pieceTable.js'
import type { PeerKey } from '../peer/peerKey.js'
import { setSuspicion, suspicionOf } from '../peer/suspects.js'
import { requestEvent } from '../tracker/announceSchedule.js'
import { emit, notify, tell } from './emit.js'
import type { DiskEvent } from './event.js'
import { askWaiting } from './onStorageOp.js'
import { checkFrom } from './checkFrom.js'
import { abandonPiece } from './abandonPiece.js'
import { gainPiece } from './gainPiece.js'
import { goneWith } from './goneWith.js'
import { losePieces } from './losePieces.js'
import { isComplete, isDone, type SessionModel } from './model.js'
import { banFor, banPeerFor, clearSuspicion, closeIfBothSeed, findPeer, identityOf } from './peers.js'
import { setStage } from './phase.js'
import { selectFilesOnDisk } from './selectFilesOnDisk.js'
import { cancelPiece } from './receivePiece.js'
import { failRecheck, onRechecked, tellChecked } from './recheck.js'
import { changeBlockLength } from './setBlockLength.js'
import { markResumeChanged } from './saveResume.js'
import { settleWanted } from './settleWanted.js'
import { stall, storageWorks } from './stall.js'
import { take } from './allowance.js'
import { askAll } from './askInTurn.js'

/** Everything that comes from the storage and the hasher. */
export const onDisk = (model: SessionModel, event: DiskEvent): void => {
  switch (event._tag) {
    case 'StorageOpened':
      model.directory = event.directory ?? ''
      model.renamed = new Map(event.renamed?.map(({ file, path }) => [file, path]))
      model.longFiles = event.longFiles ?? []
      model.resume.isLoading = model.resume.isKept && !model.resume.isReady
      setStage(model, 'checking')
      storageWorks(model, 'open')
      // Before anything is written or looked for.
      selectFilesOnDisk(model)
      askWaiting(model)
      if (model.resume.isLoading) emit(model, { _tag: 'LoadResume' })
      else checkFrom(model, 0)
      return
    case 'PiecesChecked':
      storageWorks(model, 'hash')
      if (event.recheck === undefined) onChecked(model, event.first, event.ok)
      else onRechecked(model, event.recheck, event.first, event.ok)
      return
    case 'PieceVerified':
      onVerified(model, event.piece, event.ok)
      return
    case 'PieceLost':
      startOver(model, event.piece)
      if (!model.usesSlots) storageWorks(model, 'hash')
      return
    case 'PieceWritten':
      storageWorks(model, 'write')
      onWritten(model, event.piece)
      return
    case 'BlockWritten':
      storageWorks(model, 'write')
      onBlockWritten(model, event.piece, event.block)
      return
    case 'Flushed':
      storageWorks(model, 'flush')
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
  if (model.stage !== 'checking') return
  for (let i = 0; i < ok.length; i++) {
    if (ok[i] === 1) markHave(model.table, first + i)
    else markMissing(model.table, first + i)
  }
  model.checkedPieces = first + ok.length
  if (model.checkedPieces <= model.resume.checkEnd) tellChecked(model, model.table.havePieces, false)
  else checkFrom(model, model.checkedPieces)
}

const onVerified = (model: SessionModel, piece: number, ok: boolean): void => {
  if (!model.usesSlots) storageWorks(model, 'hash')
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
  // Nobody answers for what an earlier run left.
  const senders = isFromPeers(download) ? sendersOf(download) : []
  model.corrupt += pieceSize(model.geometry, piece)
  startOver(model, piece)
  notify(model, { _tag: 'PieceFailed', at: model.now, piece, senders })
  blame(model, piece, senders)
  askAll(model)
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
const blame = (model: SessionModel, piece: number, senders: ReadonlyArray<PeerKey>): void => {
  for (const key of senders) {
    const who = identityOf(model, key)
    if (who === undefined) continue
    const peer = findPeer(model, who)
    if (senders.length > 1) {
      const suspicion = (peer?.suspicion ?? suspicionOf(model.suspects, who)) + 1
      setSuspicion(model.suspects, who, suspicion)
      if (peer !== undefined) peer.suspicion = suspicion
    } else if (peer !== undefined) banPeerFor(model, peer, piece)
    else banFor(model, who, piece)
  }
}

/** It sent a whole good piece alone. */
const praise = (model: SessionModel, key: PeerKey): void => {
  // Mostly nobody is on parole, and a piece costs no look for who that was.
  if (model.suspects.counts.size === 0 && model.peers.get(key)?.suspicion === 0) return
  const who = identityOf(model, key)
  if (who === undefined) return
  setSuspicion(model.suspects, who, 0)
  const peer = findPeer(model, who)
  if (peer !== undefined) clearSuspicion(model, peer)
}

const onWritten = (model: SessionModel, piece: number): void => {
  const { downloads } = model
  const download = downloads.byPiece.get(piece)
  if (download === undefined) return
  const senders = isFromPeers(download) ? sendersOf(download) : []
  endDownload(downloads, download)
  if (download.slot !== NONE) model.freeSlots.push(download.slot)
  model.recheck?.written.add(piece)
  gainPiece(model, piece)
  notify(model, { _tag: 'PieceDone', at: model.now, piece })
  if (senders.length === 1) praise(model, senders[0]!)
  settleWanted(model)
  if (model.isStarved) {
    model.isStarved = false
    askAll(model)
  }
}

const onBlockWritten = (model: SessionModel, piece: number, block: number): void => {
  const { downloads, geometry } = model
  model.throughBytes -= blockSize(geometry, piece, block)
  const download = downloads.byPiece.get(piece)
  if (download !== undefined) markStored(download, block)
  // The file is another one, and what is kept tells of it.
  markResumeChanged(model)
  if (download !== undefined && ++download.written === download.blockCount) {
    markVerifying(model.table, piece)
    emit(model, { _tag: 'VerifyPiece', piece, slot: NONE, length: pieceSize(geometry, piece) })
  }
  changeBlockLength(model)
  if (model.isStarved) {
    model.isStarved = false
    askAll(model)
  }
}

const onFlushed = (model: SessionModel): void => {
  model.pendingFlushes--
  // Each answer covers what was written before it was asked for, the last one all.
  if (model.pendingFlushes > 0) return
  if (model.stage === 'stopping') {
    model.isFlushed = true
    return
  }
  if (!isDone(model) || model.isFlushed) return
  model.isFlushed = true
  model.isUrgent = true
  if (!model.isDoneTold) notify(model, { _tag: 'Completed', at: model.now })
  model.isDoneTold = true
  // BEP 3: only once everything has come, and not by who was complete from the start.
  if (isComplete(model) && !model.hasCompleted) {
    model.hasCompleted = true
    requestEvent(model.trackers, 'completed', model.now)
  }
  for (const peer of [...model.peers.values()]) closeIfBothSeed(model, peer)
}

const onServeFailed = (model: SessionModel, event: DiskEvent & { readonly _tag: 'ServeFailed' }): void => {
  const { piece, begin, length, blockLength, error } = event
  const peer = model.peers.get(event.peer)
  if (peer !== undefined) {
    peer.servingBytes -= length
    take(model.allowance, 'up', peer, -length)
    for (let done = 0; peer.hasFast && done < length; done += blockLength) {
      const size = Math.min(blockLength, length - done)
      tell(model, peer, { _tag: 'RejectRequest', piece, begin: begin + done, length: size })
    }
  }
  if (error.kind !== 'missing') {
    stall(model, { _tag: 'Read' }, error)
    return
  }
  losePieces(model, goneWith(model, piece, error.file, error.code === 'ENOENT'), error.file)
  askAll(model)
}

const onStorageFailed = (
  model: SessionModel,
  event: DiskEvent & { readonly _tag: 'StorageFailed' },
): void => {
  const { piece, error } = event
  switch (error.operation) {
    case 'open':
      stall(model, { _tag: model.stage === 'opening' ? 'Open' : 'Select' }, error)
      return
    case 'flush':
      model.pendingFlushes--
      if (model.stage === 'stopping' && model.pendingFlushes === 0) model.isFlushed = true
      stall(model, { _tag: 'Flush' }, error)
      return
    case 'hash':
      if (piece < 0 && model.stage === 'open') {
        failRecheck(model, error)
        return
      }
      // The first check starts over when it breaks off; a written-through piece is hashed again.
      stall(model, piece < 0 ? { _tag: 'Open' } : { _tag: 'Verify', piece }, error)
      return
    case 'read':
    case 'stat':
    case 'move':
    case 'rename':
    case 'remove':
      stall(model, { _tag: 'Read' }, error)
      return
    case 'write': {
      if (!model.usesSlots) {
        model.throughBytes -= event.bytes
        changeBlockLength(model)
      }
      const download = model.downloads.byPiece.get(piece)
      if (download === undefined) return
      // Nobody will try again once the session stops.
      if (download.slot === NONE || model.stage === 'stopping') {
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
