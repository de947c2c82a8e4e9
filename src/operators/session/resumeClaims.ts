import { MAX_PARTIAL_BYTES, MAX_PARTIAL_PIECES, MAX_RESUME_PEERS } from '../../codecs/limits.js'
import * as O from '#fp/Option'
import { parseIp } from '../../codecs/ipAddress.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import {
  isKeptTracker,
  type PartialPiece,
  type RenamedFile,
  resumeInfohash,
  type ResumeTotals,
} from '../../codecs/resume.js'
import { isBanned } from '../peer/ban.js'
import { createBits, hasBit, setBit } from '../piece/bitfield.js'
import { isReceived, NONE, type PieceDownload } from '../piece/downloads.js'
import { removedTrackers } from '../tracker/restoreTrackers.js'
import type { ResumeClaims, SlotBlocks } from './effect.js'
import type { SessionModel } from './model.js'

/** Payload over all runs. */
export const lifetimeOf = ({ resume, downloaded, uploaded }: SessionModel): ResumeTotals => ({
  downloaded: resume.before.downloaded + downloaded,
  uploaded: resume.before.uploaded + uploaded,
})

/** Blocks of pieces under way that only memory has: to be written before they can be claimed. */
export const slotBlocks = (model: SessionModel): ReadonlyArray<SlotBlocks> =>
  [...model.downloads.byPiece.values()].flatMap((download) => {
    const { blockLength } = model.geometry
    const { piece, slot, received, blockCount, stored } = download
    if (slot === NONE || received === 0 || received === blockCount) return []
    const blocks = createBits(blockCount)
    let isEmpty = true
    for (let block = 0; block < blockCount; block++) {
      if (!isReceived(download, block) || (stored !== undefined && hasBit(stored, block))) continue
      setBit(blocks, block)
      isEmpty = false
    }
    return isEmpty ? [] : [{ piece, slot, blocks, blockLength }]
  })

/**
 * What can be said of the torrent once all that was written so far is flushed, and `blocks` with it. Everything
 * that it claims was answered for by the storage before: a claim never runs ahead.
 */
export const resumeClaims = (model: SessionModel, blocks: ReadonlyArray<SlotBlocks>): ResumeClaims => {
  const { config, geometry, table, resume, trackers } = model
  return {
    infohash: resumeInfohash(config.metainfo),
    pieces: table.haveBits.slice(),
    blockLength: geometry.blockLength,
    partial: partialPieces(model, blocks),
    priorities: [...model.filePriorities],
    peers: peersToKeep(model),
    trackers: trackers.tiers
      .map((tier) => tier.map(({ url }) => url).filter(isKeptTracker))
      .filter((tier) => tier.length > 0),
    removedTrackers: removedTrackers(trackers, config.metainfo.trackers).filter(isKeptTracker),
    totals: lifetimeOf(model),
    renamed: renamedFiles(model),
    addedAt: resume.addedAt,
  }
}

const renamedFiles = ({ renamed }: SessionModel): ReadonlyArray<RenamedFile> =>
  Array.from(renamed, ([file, path]) => ({ file, path })).sort((a, b) => a.file - b.file)

const partialPieces = (
  model: SessionModel,
  blocks: ReadonlyArray<SlotBlocks>,
): ReadonlyArray<PartialPiece> => {
  const written = new Map(blocks.map(({ piece, blocks: bits }) => [piece, bits]))
  const begun = [...model.downloads.byPiece.values()].flatMap(({ piece, stored }: PieceDownload) => {
    const bits = union(stored, written.get(piece))
    return bits === undefined ? [] : [{ piece, blocks: bits }]
  })
  const filling = [...model.resume.filling.values()].flatMap(({ piece, blocks: bits, isForgotten }) =>
    isForgotten ? [] : [{ piece, blocks: bits }],
  )
  let room = MAX_PARTIAL_BYTES
  // What is to be gone on with only when it is known what is wanted is as true as it was.
  return [...begun, ...filling, ...model.resume.partial]
    .sort((a, b) => a.piece - b.piece)
    .slice(0, MAX_PARTIAL_PIECES)
    .filter(({ blocks: { length } }) => (room -= length) >= 0)
}

const union = (a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined =>
  a === undefined || b === undefined ? (a ?? b)?.slice() : a.map((byte, i) => byte | b[i]!)

/** Those that we dialled and are connected to, then those that failed the fewest times. */
const peersToKeep = (model: SessionModel): ReadonlyArray<PeerAddress> => {
  const connected = [...model.peers.values()].flatMap(({ direction, address }) =>
    direction === 'outgoing' ? [address] : [],
  )
  const known = [...model.candidates.all.values()].sort((a, b) => a.failures - b.failures)
  const kept = new Map<string, PeerAddress>()
  for (const { host, port } of [...connected, ...known]) {
    if (kept.size === MAX_RESUME_PEERS) break
    if (isBanned(model.bans, host, port) || O.isNone(parseIp(host))) continue
    kept.set(`${host} ${String(port)}`, { host, port })
  }
  return [...kept.values()]
}
