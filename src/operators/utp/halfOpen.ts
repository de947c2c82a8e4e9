import { SEQUENCE_MASK } from '../../codecs/utp/sequence.js'
import { encodeUtp, UTP_TYPE, type UtpPacket } from '../../codecs/utp/utpPacket.js'
import { UTP_LIMITS } from './limits.js'
import { microseconds } from './model.js'

/**
 * Who has sent a SYN and not yet shown that it got our answer. Its address may be forged: it gets 20 bytes for its 20, no
 * data, and nothing that has not been asked for again.
 */
export interface HalfOpen {
  /** By address and id, the eldest first. */
  readonly entries: Map<string, HalfOpenEntry>
}

interface HalfOpenEntry {
  readonly firstSeq: number
  readonly ack: number
  readonly since: number
  answers: number
}

const NOTHING = new Uint8Array(0)

export const createHalfOpen = (): HalfOpen => ({ entries: new Map() })

/** Takes a SYN, and answers what to send back, if anything. `from` is where it came from; `chance` is 16 bits. */
export const takeSyn = (
  { entries }: HalfOpen,
  from: string,
  syn: UtpPacket,
  now: number,
  chance: () => number,
): Uint8Array | undefined => {
  const key = keyOf(from, nextId(syn))
  let entry = entries.get(key)
  if (entry === undefined) {
    const [eldest] = entries.keys()
    if (eldest !== undefined && entries.size >= UTP_LIMITS.halfOpen) entries.delete(eldest)
    entry = { firstSeq: chance(), ack: syn.seq, since: now, answers: 0 }
    entries.set(key, entry)
  }
  if (entry.answers >= UTP_LIMITS.synAnswers) return undefined
  entry.answers++
  return encodeUtp({
    type: UTP_TYPE.state,
    connectionId: syn.connectionId,
    timestamp: microseconds(now),
    timestampDifference: (microseconds(now) - syn.timestamp) >>> 0,
    windowSize: UTP_LIMITS.receiveBytes,
    seq: entry.firstSeq,
    ack: entry.ack,
    sack: undefined,
    payload: NOTHING,
  })
}

/** What a packet opens that shows that its sender got our answer: what the connection begins with. */
export const openHalf = (
  { entries }: HalfOpen,
  from: string,
  { type, connectionId, ack }: UtpPacket,
): { readonly firstSeq: number; readonly ack: number } | undefined => {
  if (type === UTP_TYPE.syn || type === UTP_TYPE.reset || entries.size === 0) return undefined
  const key = keyOf(from, connectionId)
  const entry = entries.get(key)
  if (entry === undefined || ((ack + 1) & SEQUENCE_MASK) !== entry.firstSeq) return undefined
  entries.delete(key)
  return entry
}

/** Drops those that have taken too long; answers when the next one has, infinite where there is none. */
export const dropLate = ({ entries }: HalfOpen, now: number): number => {
  for (const [key, { since }] of entries) {
    if (now - since < UTP_LIMITS.halfOpenMs) return since + UTP_LIMITS.halfOpenMs
    entries.delete(key)
  }
  return Infinity
}

/** By which a peer that dials names its connection once it is open. */
const nextId = ({ connectionId }: UtpPacket): number => (connectionId + 1) & SEQUENCE_MASK

const keyOf = (from: string, id: number): string => `${from} ${String(id)}`
