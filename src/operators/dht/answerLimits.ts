import { ipScope, parseIp } from '../../codecs/ipAddress.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import {
  createTokenBucket,
  fillTokens,
  setLimit,
  takeTokens,
  type TokenBucket,
  tokensIn,
} from '../rate/tokenBucket.js'
import { DHT_LIMITS } from './limits.js'

/**
 * What a node gives strangers: whoever forges the address of a victim gets little of us, in sum and for each query.
 *
 * Mutable, for one owner; written only through the functions of this file.
 */
export interface AnswerLimits {
  readonly bucket: TokenBucket
  /** Queries taken of each source since then. */
  readonly counts: Map<string, number>
  since: number
}

export const createAnswerLimits = (now: number): AnswerLimits => {
  const bucket = createTokenBucket(now)
  setLimit(bucket, DHT_LIMITS.answerBytesPerSecond, now)
  // Who has just begun owes nobody anything.
  takeTokens(bucket, -DHT_LIMITS.answerBytesPerSecond)
  return { bucket, counts: new Map(), since: now }
}

/** Whether a query of that source is looked at: it counts from here on. */
export const admitQuery = (limits: AnswerLimits, from: PeerAddress, now: number): boolean => {
  if (now - limits.since >= DHT_LIMITS.sourceMs) {
    limits.counts.clear()
    limits.since = now
  }
  const source = sourceOf(from)
  const count = limits.counts.get(source) ?? 0
  if (count >= DHT_LIMITS.queriesPerSource) return false
  if (count === 0 && limits.counts.size >= DHT_LIMITS.sources) return false
  limits.counts.set(source, count + 1)
  return true
}

/** Whether an answer of so many bytes may leave: it is taken from the allowance then. */
export const admitAnswer = (limits: AnswerLimits, bytes: number, now: number): boolean => {
  fillTokens(limits.bucket, now)
  if (tokensIn(limits.bucket) < bytes) return false
  takeTokens(limits.bucket, bytes)
  return true
}

/**
 * Who counts as one: a host, an IPv6 network of the size that everybody is given, and of our own network, where many nodes
 * may share a machine and nobody is attacked from far away, a port.
 */
const sourceOf = ({ host, port }: PeerAddress): string => {
  const ip = parseIp(host)
  if (ip._tag === 'None' || ipScope(ip.value) !== 'global') return `${host} ${String(port)}`
  return ip.value.length === 4 ? host : ip.value.subarray(0, 8).join('.')
}
