import { hasBit } from '../../src/operators/piece/bitfield.js'
import { isReceived, liveRequests, NONE } from '../../src/operators/piece/downloads.js'
import { blocksIn, pieceSize } from '../../src/operators/piece/geometry.js'
import { piecePriorities } from '../../src/operators/piece/piecePriorities.js'
import { isInWindow } from '../../src/operators/piece/windows.js'
import { outstandingCount } from '../../src/operators/rate/requestQueue.js'
import type { SessionEffect } from '../../src/operators/session/effect.js'
import type { SessionEvent } from '../../src/operators/session/event.js'
import { createFileStates } from '../../src/operators/session/fileStates.js'
import { haveBytes, wantedBytes, wantedHaveBytes } from '../../src/operators/session/lifecycle.js'
import { SESSION_LIMITS } from '../../src/operators/session/limits.js'
import type { SessionModel } from '../../src/operators/session/model.js'
import type { PeerModel } from '../../src/operators/session/peerModel.js'
import { type FileState, pieceStatus, type SessionPhase } from '../../src/operators/session/state.js'

const peerHas = (peer: PeerModel, piece: number): boolean =>
  peer.bits === undefined || hasBit(peer.bits, piece)

/** `expect` would be too slow for so many checks. */
const must = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(`broken invariant: ${what}`)
}

/** Every number of the table, against a count from nothing. */
const checkTable = ({ table, peers, downloads }: SessionModel): void => {
  const counts = [0, 0, 0, 0]
  let [wanted, wantedHave, missing, seeds] = [0, 0, 0, 0]
  for (const { bits } of peers.values()) if (bits === undefined) seeds++
  for (let piece = 0; piece < table.pieceCount; piece++) {
    const status = table.status[piece]!
    counts[status]!++
    if (table.priority[piece]! > 0) {
      wanted++
      if (status === pieceStatus.have) wantedHave++
      if (status === pieceStatus.missing) missing++
    }
    let availability = 0
    for (const { bits } of peers.values()) if (bits !== undefined && hasBit(bits, piece)) availability++
    must((table.availability[piece] ?? 0) === availability, `availability of ${String(piece)}`)
    must(hasBit(table.haveBits, piece) === (status === pieceStatus.have), `bit of ${String(piece)}`)
    const isUnderWay = status === pieceStatus.partial || status === pieceStatus.verifying
    must(downloads.byPiece.has(piece) === isUnderWay, `${String(piece)} is under way`)
  }
  must(table.havePieces === counts[pieceStatus.have], 'havePieces')
  must(table.missingPieces === missing, 'missingPieces')
  must(table.wantedPieces === wanted && table.wantedHave === wantedHave, 'wanted pieces')
  must(table.seeds === seeds, 'seeds')
}

/** What the files and windows come to, by piece and in bytes, against a count from nothing. */
const checkWanted = (model: SessionModel): void => {
  const { table, geometry, windows, config, filePriorities } = model
  const { files } = config.metainfo
  const base = piecePriorities(files, [...filePriorities], geometry)
  const bytes = { have: 0, wanted: 0, wantedHave: 0 }
  for (let piece = 0; piece < table.pieceCount; piece++) {
    const priority = isInWindow(windows, piece) ? 7 : base[piece]!
    must(table.priority[piece] === priority, `priority of ${String(piece)}`)
    const isMissing = table.status[piece] === pieceStatus.missing
    must(table.order.levels[piece] === (isMissing ? priority : 0), `place of ${String(piece)} in the order`)
    const size = pieceSize(geometry, piece)
    const had = table.status[piece] === pieceStatus.have ? size : 0
    bytes.have += had
    if (priority === 0) continue
    bytes.wanted += size
    bytes.wantedHave += had
  }
  must(haveBytes(model) === bytes.have, 'bytes had')
  must(wantedBytes(model) === bytes.wanted, 'bytes wanted')
  must(wantedHaveBytes(model) === bytes.wantedHave, 'wanted bytes had')
  for (const { piece, slot, received, blockCount } of model.downloads.byPiece.values()) {
    must(
      slot === NONE || received === blockCount || table.priority[piece]! > 0,
      'a slot is for what is wanted',
    )
  }
  must(model.pendingFlushes >= 0, 'flushes')
  if (model.stage !== 'open') return
  const isAllThere = bytes.have === geometry.length
  const isDone = isAllThere || (!model.awaitsPriorities && bytes.wanted === bytes.wantedHave)
  must(model.wasDone === isDone, 'whether all that is wanted is there')
  must(isDone || !model.isFlushed, 'flushed only when all that is wanted is there')
  must(isDone || model.phase !== 'seeding', 'seeding only then')
  must(!isDone || model.phase !== 'downloading', 'downloading only before')
}

/** By file: the bytes in pieces that are had. */
const checkFiles = ({ table, geometry, config }: SessionModel, states: ReadonlyArray<FileState>): void => {
  config.metainfo.files.forEach(({ offset, length }, file) => {
    let bytes = 0
    for (let piece = 0; piece < table.pieceCount; piece++) {
      if (table.status[piece] !== pieceStatus.have) continue
      const begin = piece * geometry.pieceLength
      bytes += Math.max(
        0,
        Math.min(begin + pieceSize(geometry, piece), offset + length) - Math.max(begin, offset),
      )
    }
    must(states[file]!.haveBytes === bytes, `bytes of file ${String(file)}`)
    must(states[file]!.isDone === (bytes === length), `whether file ${String(file)} is done`)
  })
}

/** Live requests of all peers, by piece and block; those of a peer are for what it has. */
const countLive = (model: SessionModel): Map<number, number> => {
  const live = new Map<number, number>()
  for (const peer of model.peers.values()) {
    const { requests: q } = peer
    for (let offset = 0; offset < q.size; offset++) {
      const at = (q.head + offset) & (q.pieces.length - 1)
      if (q.states[at] !== 0) continue
      const piece = q.pieces[at]!
      must(peerHas(peer, piece), 'asked for what it has')
      must(model.table.priority[piece]! > 0, 'asked for what is wanted')
      const name = piece * BLOCKS_AT_MOST + q.blocks[at]!
      live.set(name, (live.get(name) ?? 0) + 1)
    }
  }
  return live
}

const BLOCKS_AT_MOST = 65_536

const checkDownloads = (model: SessionModel): void => {
  const { downloads, geometry, freeSlots } = model
  const live = countLive(model)
  let claimed = 0
  const slots = [...freeSlots]
  for (const download of downloads.byPiece.values()) {
    const { piece, blockCount, slot } = download
    // A piece that is whole keeps the blocks that it came in.
    const isWhole = download.received === blockCount
    must(isWhole || blockCount === blocksIn(geometry, piece), 'block count')
    if (slot !== NONE) slots.push(slot)
    let received = 0
    let unrequested = 0
    for (let block = 0; block < blockCount; block++) {
      const count = live.get(piece * BLOCKS_AT_MOST + block) ?? 0
      if (count > 0) claimed++
      must(liveRequests(download, block) === count, `live requests of ${String(piece)}:${String(block)}`)
      if (isReceived(download, block)) received++
      else if (count === 0) unrequested++
    }
    must(download.received === received, 'received')
    must(download.unrequested === unrequested, 'unrequested')
    must(downloads.open.indexOf(download) === (unrequested > 0 ? download.openIndex : NONE), 'open')
  }
  must(claimed === live.size, 'requests are for what is under way')
  must(new Set(slots).size === slots.length, 'each slot is in one place')
}

const checkPeer = (model: SessionModel, peer: PeerModel): void => {
  const { table } = model
  let pieces = 0
  let wanted = 0
  for (let piece = 0; piece < table.pieceCount; piece++) {
    if (!peerHas(peer, piece)) continue
    pieces++
    if (table.priority[piece]! > 0 && table.status[piece] !== pieceStatus.have) wanted++
  }
  must(peer.pieceCount === pieces, 'pieces of a peer')
  must(peer.wantedPieces === wanted, 'wanted pieces of a peer')
  must(peer.amInterested === wanted > 0, 'interest')
  must(outstandingCount(peer.requests) <= Math.min(512, Math.max(1, peer.reqq)), 'requests within bounds')
  const queued = peer.uploads.length - peer.uploadsHead
  must(queued <= SESSION_LIMITS.uploadQueue, 'upload queue within bounds')
  const isGranted = ({ piece }: { readonly piece: number }): boolean => peer.granted.has(piece)
  must(
    !peer.amChoking || peer.uploads.slice(peer.uploadsHead).every(isGranted),
    'nothing waits while choked but what is allowed fast',
  )
}

const ACTIVE: ReadonlyArray<SessionPhase> = ['downloading', 'seeding', 'pausing', 'paused', 'stalled']
const END: ReadonlyArray<SessionPhase> = ['stopping', 'stopped']

const NEXT: Readonly<Record<SessionPhase, ReadonlyArray<SessionPhase>>> = {
  opening: ['checking', ...ACTIVE, ...END],
  checking: [...ACTIVE, ...END],
  downloading: ['checking', ...ACTIVE, ...END],
  seeding: ['checking', ...ACTIVE, ...END],
  pausing: ['checking', ...ACTIVE, ...END],
  paused: ['checking', ...ACTIVE, ...END],
  stalled: ['opening', 'checking', ...ACTIVE, ...END],
  stopping: ['stopped'],
  stopped: [],
}

/**
 * What must hold after every turn: the counts are right, nothing is asked twice outside of the endgame, requests and
 * queues keep to their bounds, only what is had is served, and the phases follow one another as they may.
 */
export const createModelCheck = (
  model: SessionModel,
): ((event: SessionEvent, effects: ReadonlyArray<SessionEffect>) => void) => {
  const takeFiles = createFileStates()
  let phase = model.phase
  return (_event, effects) => {
    checkTable(model)
    checkWanted(model)
    checkFiles(model, takeFiles(model))
    checkDownloads(model)
    for (const peer of model.peers.values()) checkPeer(model, peer)
    must(model.phase === phase || NEXT[phase].includes(model.phase), `${phase} → ${model.phase}`)
    phase = model.phase
    must(model.throughBytes >= 0, 'bytes written through')
    const isSilent = model.phase === 'paused' || model.phase === 'checking'
    for (const effect of effects) {
      if (effect._tag === 'ServeBlocks') {
        must(!isSilent, `served while ${model.phase}`)
        must(model.table.status[effect.piece] === pieceStatus.have, 'served only what it has')
      }
      if (effect._tag !== 'Send') continue
      for (const message of effect.messages) {
        if (message._tag !== 'Request') continue
        must(!isSilent && model.phase !== 'pausing', `asked while ${model.phase}`)
        const { piece, begin } = message
        const download = model.downloads.byPiece.get(piece)
        const live = download === undefined ? 0 : liveRequests(download, begin / model.geometry.blockLength)
        must(live <= SESSION_LIMITS.endgameRequests + 1, 'asked of few in the endgame')
        const isUrgent = isInWindow(model.windows, piece)
        must(live <= 1 || isUrgent || model.table.missingPieces === 0, 'asked once before the endgame')
      }
    }
  }
}
