import { rate } from '../rate/ewma.js'
import type { RateLimits } from '../rate/policy.js'
import { restartDepth } from '../rate/requestDepth.js'
import { setLimit, type TokenBucket } from '../rate/tokenBucket.js'
import type { Direction } from './allowance.js'
import { askRate } from './askPolicy.js'
import { callOffExcess } from './callOffExcess.js'
import type { SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'

/** Asks how fast to go: before the first byte of payload, and on every tick. */
export const setRateLimits = (model: SessionModel): void => {
  model.allowance.policy = askRate(model, {
    now: model.now,
    isSeeding: model.phase === 'seeding',
    downRate: rate(model.down),
    upRate: rate(model.up),
    downloaded: model.downloaded,
    uploaded: model.uploaded,
    connectedPeers: model.peers.size,
  })
  applyLimits(model)
}

/** Makes the least of the session's limits the one that counts. */
export const applyLimits = (model: SessionModel): void => {
  const { allowance } = model
  const { policy, session, client } = allowance
  change(model, 'down', allowance.down.bucket, Math.min(policy.down, session.down, client.down), undefined)
  change(model, 'up', allowance.up.bucket, Math.min(policy.up, session.up, client.up), undefined)
}

/** Limits every group of that name. */
export const limitGroup = (model: SessionModel, name: string, limits: RateLimits): void => {
  const groups = model.allowance.groups.filter(({ rule }) => rule.name === name)
  for (const group of groups) {
    const isMember = (peer: PeerModel): boolean => peer.groups.includes(group)
    change(model, 'down', group.down, limits.down, isMember)
    change(model, 'up', group.up, limits.up, isMember)
  }
}

/** Queues follow smaller changes by themselves: a limit may change with every tick. */
const MUCH_LESS = 0.75

/**
 * A much lower limit is to hold at once, so requests beyond it are called off; a much higher one is to be reached soon, so
 * queues grow as for a new peer.
 */
const change = (
  model: SessionModel,
  direction: Direction,
  bucket: TokenBucket,
  limit: number,
  isUnder: ((peer: PeerModel) => boolean) | undefined,
): void => {
  if (limit === bucket.limit) return
  if (direction === 'down') {
    const peers = [...model.peers.values()].filter(isUnder ?? (() => true))
    if (limit < bucket.limit * MUCH_LESS) callOffExcess(model, peers, limit)
    else if (limit * MUCH_LESS > bucket.limit) for (const peer of peers) restartDepth(peer.depth)
  }
  setLimit(bucket, limit, model.now)
  const lane = model.allowance[direction]
  lane.isLimited =
    lane.bucket.limit < Infinity || model.allowance.groups.some((group) => group[direction].limit < Infinity)
}
