import { rate } from '../rate/ewma.js'
import { fillTokens } from '../rate/tokenBucket.js'
import { askRate } from './askPolicy.js'
import type { SessionModel } from './model.js'

/** Asks how fast to go: before the first byte of payload, and on every tick. */
export const setRateLimits = (model: SessionModel): void => {
  const { now } = model
  const limits = askRate(model, {
    now,
    isSeeding: model.phase === 'seeding',
    downRate: rate(model.down),
    upRate: rate(model.up),
    downloaded: model.downloaded,
    uploaded: model.uploaded,
    connectedPeers: model.peers.size,
  })
  fillTokens(model.downBucket, limits.down, now)
  fillTokens(model.upBucket, limits.up, now)
}
