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
  /** Bytes under way: when they are through, there will be another event. */
  readonly underWay: (model: SessionModel, peer: PeerModel) => number
  /** Whether it would take more. */
  readonly wants: (model: SessionModel, peer: PeerModel, limit: number) => boolean
}

/**
 * Divides what has come together among all peers that want some, a helping each, who has waited longest first: whoever
 * moves less than an equal share gets all that it wants. A peer whose group is used up is passed over.
 */
export const inTurn = (model: SessionModel, { direction, help, underWay, wants }: Helpings): void => {
  const { allowance, now } = model
  const lane = allowance[direction]
  fillLane(allowance, direction, now)
  const queue = [...model.peers.values()].sort((a, b) => a.turns[direction] - b.turns[direction])
  let passed = 0
  while (passed < queue.length) {
    const peer = queue[passed]!
    const limit = limitOf(allowance, direction, peer)
    const helping = helpingOf(limit)
    const tokens = tokensOf(allowance, direction, peer)
    // Who has something under way can wait until there is a whole helping.
    const least = underWay(model, peer) < helping ? 0 : helping - LEAST_HELPING
    if (tokens <= least) {
      if (lane.bucket.tokens <= least && wants(model, peer, limit)) lane.heldAt = now
      passed++
    } else if (help(model, peer, Math.min(helping, Math.max(tokens, LEAST_HELPING)), limit) === 0) {
      passed++
    } else {
      peer.turns[direction] = ++lane.turns
      queue.splice(passed, 1)
      queue.push(peer)
    }
  }
}

const helpingOf = (limit: number): number =>
  limit === Infinity
    ? Infinity
    : Math.min(Math.max((limit * HELPING_MS) / 1_000, LEAST_HELPING), LARGEST_HELPING)
