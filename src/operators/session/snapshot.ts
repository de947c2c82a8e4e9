import * as O from '#fp/Option'
import { equalBytes } from '../../codecs/bytes.js'
import { rate } from '../rate/ewma.js'
import { outstandingCount } from '../rate/requestQueue.js'
import { trackerStates } from '../tracker/trackerStates.js'
import { candidateStates } from '../peer/candidates.js'
import { createFileStates } from './fileStates.js'
import { haveBytes, wantedBytes, wantedHaveBytes } from './lifecycle.js'
import { isDone, type SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'
import type {
  Bitfield,
  Limits,
  PeerState,
  PiecesState,
  Progress,
  Rates,
  SessionState,
  Totals,
} from './state.js'
import { lifetimeOf } from './resumeClaims.js'

/**
 * Takes immutable pictures of the model. What did not change since the last one keeps its identity, so that
 * `distinctUntilChanged` on a part of the state costs a comparison of references.
 */
export const createSnapshots = (): ((model: SessionModel) => SessionState) => {
  let last: SessionState | undefined
  let lastVersion = -1
  const takeFiles = createFileStates()
  return (model) => {
    const { table } = model
    const isSame = lastVersion === table.version
    const bitfield =
      last !== undefined && (isSame || equalBytes(last.bitfield.bytes, table.haveBits))
        ? last.bitfield
        : takeBitfield(model)
    const pieces = last !== undefined && isSame ? last.pieces : takePieces(model)
    lastVersion = table.version
    const progress = takeProgress(model)
    const rates = takeRates(model, progress)
    const totals = takeTotals(model)
    const limits = takeLimits(model)
    const peers = takePeers(model)
    last = {
      at: model.now,
      phase: model.phase,
      desired: model.desired,
      storage: model.storage,
      directory: model.directory,
      port:
        last !== undefined && O.toUndefined(last.port) === model.port
          ? last.port
          : O.fromNullable(model.port),
      externalPort:
        last !== undefined && (O.toUndefined(last.externalPort) ?? 0) === model.externalPorts.tcp
          ? last.externalPort
          : O.fromPredicate((port: number) => port !== 0)(model.externalPorts.tcp),
      progress: same(last?.progress, progress),
      files: takeFiles(model),
      bitfield,
      pieces,
      blockLength: model.geometry.blockLength,
      peers: peers.length === 0 && last?.peers.length === 0 ? last.peers : peers,
      candidates: candidateStates(model.candidates),
      trackers: trackerStates(model.trackers),
      rates: same(last?.rates, rates),
      totals: same(last?.totals, totals),
      limits: same(last?.limits, limits),
      lifetime: same(last?.lifetime, lifetimeOf(model)),
      addedAt: model.resume.addedAt,
      dialling: model.dialling.size,
      awaitsPriorities: model.awaitsPriorities,
    }
    return last
  }
}

/** The old record where the new one says the same; Options are compared by what they hold. */
const same = <A extends object>(before: A | undefined, after: A): A => {
  if (before === undefined) return after
  for (const key of Object.keys(after) as (keyof A)[]) {
    if (!sameField(before[key], after[key])) return after
  }
  return before
}

const sameField = (a: unknown, b: unknown): boolean =>
  a === b || (isOption(a) && isOption(b) && O.toUndefined(a) === O.toUndefined(b))

const isOption = (value: unknown): value is O.Option<unknown> =>
  typeof value === 'object' && value !== null && '_tag' in value

const takeBitfield = ({ table }: SessionModel): Bitfield => ({
  pieceCount: table.pieceCount,
  bytes: table.haveBits.slice(),
})

const takePieces = ({ table }: SessionModel): PiecesState => {
  const availability = new Uint16Array(table.pieceCount)
  availability.set(table.availability)
  if (table.seeds > 0) {
    for (let piece = 0; piece < availability.length; piece++) availability[piece]! += table.seeds
  }
  return { status: table.status.slice(), availability, priority: table.priority.slice() }
}

const takeProgress = (model: SessionModel): Progress => {
  const { geometry, table } = model
  const bytes = haveBytes(model)
  return {
    pieceCount: geometry.pieceCount,
    havePieces: table.havePieces,
    totalBytes: geometry.size,
    haveBytes: bytes,
    fraction: geometry.size === 0 ? 1 : bytes / geometry.size,
    checked:
      model.phase === 'checking' && geometry.pieceCount > 0
        ? O.some(model.checkedPieces / geometry.pieceCount)
        : O.none,
    wantedBytes: wantedBytes(model),
    wantedHaveBytes: wantedHaveBytes(model),
    isDone: model.isFlushed && isDone(model),
    isComplete: model.isFlushed && table.havePieces === geometry.pieceCount,
  }
}

const takeRates = (model: SessionModel, progress: Progress): Rates => {
  const down = rate(model.down)
  const left = progress.wantedBytes - progress.wantedHaveBytes
  return {
    down,
    up: rate(model.up),
    eta: down > 0 && left > 0 ? O.some(left / down) : O.none,
  }
}

const takeTotals = (model: SessionModel): Totals => ({
  downloaded: model.downloaded,
  uploaded: model.uploaded,
  wireDown: model.wireDown,
  wireUp: model.wireUp,
  wasted: model.wasted,
  corrupt: model.corrupt,
})

/** How long ago a limit may have held somebody up, to be worth telling. */
const HELD_MS = 1_000

const takeLimits = ({ allowance: { down, up }, now }: SessionModel): Limits => ({
  down: down.bucket.limit,
  up: up.bucket.limit,
  isDownHeld: now - down.heldAt < HELD_MS,
  isUpHeld: now - up.heldAt < HELD_MS,
})

const takePeers = (model: SessionModel): ReadonlyArray<PeerState> =>
  Array.from(model.peers.values(), (peer) => takePeer(model, peer))

const takePeer = ({ table }: SessionModel, peer: PeerModel): PeerState => ({
  key: peer.key,
  host: peer.address.host,
  port: peer.address.port,
  direction: peer.direction,
  isEncrypted: peer.isEncrypted,
  client: peer.client,
  amChoking: peer.amChoking,
  amInterested: peer.amInterested,
  peerChoking: peer.peerChoking,
  peerInterested: peer.peerInterested,
  isSnubbed: peer.isSnubbed,
  isSeed: peer.bits === undefined,
  fraction: table.pieceCount === 0 ? 1 : peer.pieceCount / table.pieceCount,
  downRate: rate(peer.down),
  upRate: rate(peer.up),
  downloaded: peer.downloaded,
  uploaded: peer.uploaded,
  outstanding: outstandingCount(peer.requests),
})
