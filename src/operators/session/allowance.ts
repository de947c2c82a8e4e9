import type { GroupRule } from '../rate/peerGroup.js'
import type { RateLimits } from '../rate/policy.js'
import {
  createTokenBucket,
  fillTokens,
  takeLate,
  takeTokens,
  type TokenBucket,
  tokensIn,
} from '../rate/tokenBucket.js'

export type Direction = 'down' | 'up'

/** One direction of a session. */
export interface Lane {
  /** What all peers share. */
  readonly bucket: TokenBucket
  /** Whether the session or one of its groups has a limit; without one, turns cost nothing. */
  isLimited: boolean
  /** How many turns peers have had. */
  turns: number
  /** When a peer last had to wait for the session's limit. */
  heldAt: number
}

/** A group of peers, and what it may move. */
export interface GroupModel {
  readonly rule: GroupRule
  readonly down: TokenBucket
  readonly up: TokenBucket
}

/** What an allowance looks at in a peer. */
interface Grouped {
  readonly groups: ReadonlyArray<GroupModel>
}

/** How much may move. The limit of the session is the least of the three. */
export interface Allowance {
  policy: RateLimits
  session: RateLimits
  client: RateLimits
  readonly down: Lane
  readonly up: Lane
  readonly groups: ReadonlyArray<GroupModel>
}

const NONE: RateLimits = { down: Infinity, up: Infinity }

export const createAllowance = (groups: ReadonlyArray<GroupRule>, now: number): Allowance => ({
  policy: NONE,
  session: NONE,
  client: NONE,
  down: createLane(now),
  up: createLane(now),
  groups: groups.map((rule) => ({ rule, down: createTokenBucket(now), up: createTokenBucket(now) })),
})

const createLane = (now: number): Lane => ({
  bucket: createTokenBucket(now),
  isLimited: false,
  turns: 0,
  heldAt: -Infinity,
})

/** Brings all buckets of a direction up to date. */
export const fillLane = (allowance: Allowance, direction: Direction, now: number): void => {
  fillTokens(allowance[direction].bucket, now)
  for (const group of allowance.groups) fillTokens(group[direction], now)
}

/** The bytes come out of every bucket of the peer; less than zero goes back in. Hot: once a block. */
export const take = (allowance: Allowance, direction: Direction, peer: Grouped, bytes: number): void => {
  takeTokens(allowance[direction].bucket, bytes)
  const { groups } = peer
  for (let i = 0; i < groups.length; i++) takeTokens(groups[i]![direction], bytes)
}

/** As `take`, for what a peer sent though its request was called off. */
export const takeUncalled = (allowance: Allowance, peer: Grouped, bytes: number): void => {
  takeLate(allowance.down.bucket, bytes)
  for (const group of peer.groups) takeLate(group.down, bytes)
}

/** The tightest limit that the peer is under. */
export const limitOf = (allowance: Allowance, direction: Direction, peer: Grouped): number => {
  let least = allowance[direction].bucket.limit
  for (const group of peer.groups) least = Math.min(least, group[direction].limit)
  return least
}

/** What the peer may move now: as much as its emptiest bucket holds, at most 0 where it has to wait. */
export const tokensOf = (allowance: Allowance, direction: Direction, peer: Grouped): number => {
  let least = tokensIn(allowance[direction].bucket)
  for (const group of peer.groups) least = Math.min(least, tokensIn(group[direction]))
  return least
}
