import { SEQUENCE_MASK, stepsTo } from '../../codecs/utp/sequence.js'
import { UTP_TYPE, type UtpPacket } from '../../codecs/utp/utpPacket.js'
import { queueingDelay } from './delays.js'
import { followDelay, shrinkForLoss } from './ledbat.js'
import { UTP_LIMITS } from './limits.js'
import { nextAfter, outstanding, RING_MASK, type SentPacket, type UtpModel } from './model.js'
import { measureRoundTrip, restoreTimeout, restartDeadlines } from './roundTrip.js'

/**
 * Whether a packet acknowledges what we sent, now or a while ago. One that does not is no packet of our peer: whoever
 * sends in its name does not see what we send.
 */
export const isPlausibleAck = (model: UtpModel, ack: number): boolean => {
  const acked = stepsTo(model.unackedSeq, (ack + 1) & SEQUENCE_MASK)
  return acked <= outstanding(model) || SEQUENCE_MASK + 1 - acked <= UTP_LIMITS.packets
}

/**
 * Whether a reset is an answer to something on its way. Most clients name the packet that they refuse, with a place in the
 * order or without one; some the last one that they took. While we dial there is only the SYN.
 */
export const isPlausibleReset = (model: UtpModel, ack: number): boolean =>
  model.phase === 'dialling'
    ? ack === model.unackedSeq
    : stepsTo(model.unackedSeq, (ack + 1) & SEQUENCE_MASK) <= outstanding(model) + 1

/** What one packet acknowledged. */
interface Acked {
  bytes: number
  packets: number
  leastRoundTripMs: number
}

/** Takes what a packet says about those that we sent. */
export const takeAck = (model: UtpModel, packet: UtpPacket): void => {
  if (outstanding(model) === 0) return
  const acked: Acked = { bytes: 0, packets: 0, leastRoundTripMs: Infinity }
  const steps = stepsTo(model.unackedSeq, (packet.ack + 1) & SEQUENCE_MASK)
  if (steps > 0 && steps <= outstanding(model)) {
    for (let i = 0; i < steps; i++) take(model, (model.unackedSeq + i) & SEQUENCE_MASK, acked)
  } else if (steps === 0 && packet.type === UTP_TYPE.state) {
    model.sameAcks++
  }
  if (packet.sack !== undefined) takeSack(model, packet.ack, packet.sack, acked)
  const before = model.unackedSeq
  while (model.unackedSeq !== model.nextSeq && model.sent[model.unackedSeq & RING_MASK] === undefined) {
    model.unackedSeq = nextAfter(model.unackedSeq)
  }
  if (model.unackedSeq !== before) model.sameAcks = 0
  findLosses(model, packet.sack !== undefined)
  // A peer without room takes nothing, and is there all the same.
  if (packet.windowSize === 0) model.timeouts = 0
  if (acked.packets === 0) return
  restoreTimeout(model)
  restartDeadlines(model)
  // The first answer tells of a packet that took no part in any queue of ours.
  if (packet.timestampDifference === 0) return
  const delay = queueingDelay(model.delays, packet.timestampDifference, model.now)
  followDelay(model, acked.bytes, Math.min(delay, acked.leastRoundTripMs))
}

const takeSack = (model: UtpModel, ack: number, sack: Uint8Array, acked: Acked): void => {
  const count = outstanding(model)
  for (let j = 0; j < sack.length; j++) {
    const byte = sack[j]!
    if (byte === 0) continue
    for (let i = 0; i < 8; i++) {
      if ((byte & (1 << i)) === 0) continue
      const seq = (ack + 2 + 8 * j + i) & SEQUENCE_MASK
      if (stepsTo(model.unackedSeq, seq) < count) take(model, seq, acked)
    }
  }
}

const take = (model: UtpModel, seq: number, acked: Acked): void => {
  const packet = model.sent[seq & RING_MASK]
  if (packet === undefined) return
  model.sent[seq & RING_MASK] = undefined
  acked.packets++
  acked.bytes += packet.payloadBytes
  if (packet.isLost) model.lostPackets--
  else model.inFlightBytes -= packet.payloadBytes
  if (packet.order > model.deliveredOrder) model.deliveredOrder = packet.order
  if (packet.transmissions > 1) return
  const roundTripMs = model.now - packet.sentAt
  measureRoundTrip(model, roundTripMs)
  if (roundTripMs < acked.leastRoundTripMs) acked.leastRoundTripMs = roundTripMs
}

/**
 * A packet is lost when some that were sent after it have come. Those that were sent once stand in the order of their
 * transmissions, so that the first of them that is not lost is the end.
 */
const findLosses = (model: UtpModel, hasSack: boolean): void => {
  const count = outstanding(model)
  for (let i = 0; i < count; i++) {
    const packet = model.sent[(model.unackedSeq + i) & RING_MASK]
    if (packet === undefined || packet.isLost) continue
    if (packet.order + UTP_LIMITS.reordering <= model.deliveredOrder) lose(model, packet)
    else if (packet.transmissions === 1) break
  }
  // A peer that tells nothing of what comes out of order says the same again for each.
  if (hasSack || model.sameAcks !== UTP_LIMITS.reordering) return
  const first = model.sent[model.unackedSeq & RING_MASK]
  if (first !== undefined && !first.isLost && first.transmissions === 1) lose(model, first)
}

const lose = (model: UtpModel, packet: SentPacket): void => {
  markLost(model, packet)
  shrinkForLoss(model, packet.seq)
}

export const markLost = (model: UtpModel, packet: SentPacket): void => {
  packet.isLost = true
  model.lostPackets++
  model.inFlightBytes -= packet.payloadBytes
}
