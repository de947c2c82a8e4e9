import type { Direction } from './allowance.js'
import { fillLane, limitOf, tokensOf } from './allowance.js'
import type { SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'

/** So much of a limit is handed out at a time, within these bounds: enough for few writes, too little to notice. */
const HELPING_MS = 10
const LEAST_HELPING = 16_384
const LARGEST_HELPING = 256 * 1024

/** What a kind of transfer does with an allowance. */
export interface Helpings {
  readonly direction: Direction
  /** Moves up to so many bytes for the peer, in whole blocks; `limit` is what it is under. Answers how many. */
  readonly help: (model: SessionModel, peer: PeerModel, bytes: number, limit: number) => number
  /** Whether it would take more. */
  readonly wants: (model: SessionModel, peer: PeerModel, limit: number) => boolean
}

/**
 * Divides what has come together among all peers that want some, a helping each in turn, going on where it ended the
 * last time: whoever moves less than an equal share gets all that it wants. A peer whose group is used up is passed over.
 */
export const inTurn = (model: SessionModel, { direction, help, wants }: Helpings): void => {
  const { allowance, now } = model
  const lane = allowance[direction]
  fillLane(allowance, direction, now)
  const peers = [...model.peers.values()]
  const first = peers.findIndex(({ key }) => key === lane.lastTurn) + 1
  let isHeld = false
  for (let turn = 0, passed = 0; passed < peers.length; turn++) {
    const peer = peers[(first + turn) % peers.length]!
    const limit = limitOf(allowance, direction, peer)
    const helping = helpingOf(limit)
    passed++
    if (tokensOf(allowance, direction, peer) <= helping - LEAST_HELPING) {
      isHeld ||= lane.bucket.tokens <= helping - LEAST_HELPING && wants(model, peer, limit)
      continue
    }
    if (help(model, peer, helping, limit) === 0) continue
    lane.lastTurn = peer.key
    passed = 0
    isHeld = false
  }
  if (isHeld) lane.heldAt = now
}

const helpingOf = (limit: number): number =>
  limit === Infinity
    ? Infinity
    : Math.min(Math.max((limit * HELPING_MS) / 1_000, LEAST_HELPING), LARGEST_HELPING)
