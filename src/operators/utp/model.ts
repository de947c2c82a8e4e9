import { SEQUENCE_MASK, stepsTo } from '../../codecs/utp/sequence.js'
import type { UtpType } from '../../codecs/utp/utpPacket.js'
import { type Delays, createDelays } from './delays.js'
import { createEarlyRoom, type EarlyRoom } from './earlyRoom.js'
import type { UtpEffect } from './effect.js'
import { UTP_LIMITS } from './limits.js'
import { type Unsent, createUnsent } from './unsent.js'

/** What a connection is made of. Sequence numbers and ids come of chance, so that nobody else can guess them. */
export interface UtpConfig {
  /** In the packets that come, and in those that leave. */
  readonly receiveId: number
  readonly sendId: number
  /** Of the first packet that we send. */
  readonly firstSeq: number
  /** The last packet that had come when the connection was accepted; undefined: we dial. */
  readonly accepted: { readonly ack: number } | undefined
  /** Bytes of a packet, its header included. */
  readonly packetBytes: number
}

export type UtpPhase = 'idle' | 'dialling' | 'open' | 'closed'

/** A packet on its way. */
export interface SentPacket {
  readonly type: UtpType
  readonly bytes: Uint8Array
  readonly payloadBytes: number
  readonly seq: number
  sentAt: number
  /** Which transmission of the connection was its last one. */
  order: number
  transmissions: number
  /** To be sent again; it is not in flight meanwhile. */
  isLost: boolean
}

/**
 * A uTP connection. Mutable, for one owner; written only through `utpTurn` and `readUtp`.
 *
 * Packets wait in rings, at the place of their sequence number.
 */
export interface UtpModel {
  readonly config: UtpConfig
  phase: UtpPhase
  now: number
  effects: UtpEffect[]

  /** The oldest packet that is not acknowledged, and the next one to be made; equal: nothing is on its way. */
  unackedSeq: number
  nextSeq: number
  readonly sent: Array<SentPacket | undefined>
  readonly unsent: Unsent
  /** Payload on its way. */
  inFlightBytes: number
  lostPackets: number
  /** Transmissions so far, and the last one of which it is known that it came. */
  transmissions: number
  deliveredOrder: number
  sameAcks: number
  owesDrain: boolean
  isEnding: boolean
  finSeq: number | undefined
  /** Room that the peer has. */
  peerWindow: number

  /** The last packet that came in order. */
  ack: number
  readonly early: Array<Uint8Array | undefined>
  earlyPackets: number
  earlyBytes: number
  /** Shared by the connections of a port. */
  readonly earlyRoom: EarlyRoom
  /** In order, and from `readyFrom` on not read yet. */
  readonly ready: Uint8Array[]
  readyFrom: number
  readyBytes: number
  /** Of the peer's FIN. */
  endSeq: number | undefined
  /** Packets that wait to be acknowledged, and whether they can wait. */
  owedAcks: number
  isAckUrgent: boolean
  toldWindow: number

  /** The window of LEDBAT. */
  window: number
  threshold: number
  isSlowStart: boolean
  /** Losses of packets before this one have had their effect. */
  recoverySeq: number
  /** When the window last kept something from being sent. */
  fullAt: number
  readonly delays: Delays
  /** What we tell of the peer's delay. */
  timestampDifference: number

  roundTripMs: number | undefined
  roundTripDeviation: number
  timeoutMs: number
  timeouts: number
  sentAt: number

  /** Deadlines; infinite where there is none. */
  timeoutAt: number
  tailAt: number
  ackAt: number
  probeAt: number
  endAt: number
}

/** A power of two above the packets that there can be. */
export const RING_MASK = 1_023

/** A connection at its beginning; nothing happens before its first event. */
export const createUtpModel = (
  config: UtpConfig,
  now: number,
  earlyRoom: EarlyRoom = createEarlyRoom(),
): UtpModel => {
  const { accepted, firstSeq, packetBytes } = config
  return {
    config,
    phase: accepted === undefined ? 'idle' : 'open',
    now,
    effects: [],
    unackedSeq: firstSeq,
    nextSeq: firstSeq,
    sent: [],
    unsent: createUnsent(),
    inFlightBytes: 0,
    lostPackets: 0,
    transmissions: 0,
    deliveredOrder: 0,
    sameAcks: 0,
    owesDrain: false,
    isEnding: false,
    finSeq: undefined,
    peerWindow: packetBytes,
    ack: accepted?.ack ?? 0,
    early: [],
    earlyPackets: 0,
    earlyBytes: 0,
    earlyRoom,
    ready: [],
    readyFrom: 0,
    readyBytes: 0,
    endSeq: undefined,
    owedAcks: 0,
    isAckUrgent: false,
    toldWindow: UTP_LIMITS.receiveBytes,
    window: UTP_LIMITS.firstPackets * packetBytes,
    threshold: Infinity,
    isSlowStart: true,
    recoverySeq: firstSeq,
    fullAt: -Infinity,
    delays: createDelays(),
    timestampDifference: 0,
    roundTripMs: undefined,
    roundTripDeviation: 0,
    timeoutMs: UTP_LIMITS.firstTimeoutMs,
    timeouts: 0,
    sentAt: now,
    timeoutAt: Infinity,
    tailAt: Infinity,
    ackAt: Infinity,
    probeAt: Infinity,
    endAt: Infinity,
  }
}

/** Packets on their way, those that are lost or acknowledged out of order among them. */
export const outstanding = (model: UtpModel): number => stepsTo(model.unackedSeq, model.nextSeq)

export const nextAfter = (seq: number): number => (seq + 1) & SEQUENCE_MASK

/** Microseconds, as packets have them. */
export const microseconds = (ms: number): number => Math.floor(ms * 1_000) >>> 0
