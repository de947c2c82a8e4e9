import { isBefore, SEQUENCE_MASK, stepsTo } from '../../codecs/utp/sequence.js'
import { UTP_TYPE, type UtpPacket } from '../../codecs/utp/utpPacket.js'
import { UTP_LIMITS } from './limits.js'
import { nextAfter, RING_MASK, type UtpModel } from './model.js'

const FIN = new Uint8Array(0)

/** Bytes that we have room for. */
export const receiveWindow = ({ readyBytes, earlyBytes }: UtpModel): number =>
  Math.max(0, UTP_LIMITS.receiveBytes - readyBytes - earlyBytes)

/** Takes a packet that has a place in the order; one that is too early, or for which there is no room, is as if lost. */
export const takeInOrder = (model: UtpModel, { type, seq, payload }: UtpPacket): void => {
  const steps = stepsTo(model.ack, seq)
  if (steps === 0 || steps >= 0x8000) {
    // Our answer was lost, or is late.
    model.isAckUrgent = true
    return
  }
  if (steps > UTP_LIMITS.packets) return
  const { endSeq } = model
  const isFin = type === UTP_TYPE.fin
  if (endSeq !== undefined && (isFin ? seq !== endSeq : !isBefore(seq, endSeq))) return
  const bytes = isFin ? FIN : payload
  if (bytes.length > receiveWindow(model)) {
    model.isAckUrgent = true
    return
  }
  if (isFin) model.endSeq = seq
  if (steps === 1) {
    accept(model, bytes)
    if (model.earlyPackets > 0) acceptEarly(model)
    model.owedAcks++
    if (isFin || model.endSeq === model.ack) model.isAckUrgent = true
    if (model.ackAt === Infinity) model.ackAt = model.now + UTP_LIMITS.ackDelayMs
    return
  }
  model.isAckUrgent = true
  if (model.early[seq & RING_MASK] !== undefined || !hasEarlyRoom(model, bytes)) return
  model.early[seq & RING_MASK] = bytes
  countEarly(model, 1, bytes.length)
}

/** Where others have used all up each connection still has its part: who leaves gaps takes it from nobody. */
const hasEarlyRoom = ({ earlyRoom, earlyPackets, earlyBytes }: UtpModel, bytes: Uint8Array): boolean => {
  const { earlyBytes: most, connections } = UTP_LIMITS
  const cost = costOf(1, bytes.length)
  return earlyRoom.bytes + cost <= most || costOf(earlyPackets, earlyBytes) + cost <= most / connections
}

const costOf = (packets: number, bytes: number): number => packets * UTP_LIMITS.earlyPacketBytes + bytes

const countEarly = (model: UtpModel, packets: number, bytes: number): void => {
  model.earlyPackets += packets
  model.earlyBytes += bytes
  model.earlyRoom.bytes += costOf(packets, bytes)
}

/** The connection is over: what waits behind a gap will never be read. */
export const dropEarly = (model: UtpModel): void => {
  model.early.length = 0
  countEarly(model, -model.earlyPackets, -model.earlyBytes)
}

/** A gap is closed: what waited behind it follows. */
const acceptEarly = (model: UtpModel): void => {
  model.isAckUrgent = true
  for (;;) {
    const at = nextAfter(model.ack) & RING_MASK
    const bytes = model.early[at]
    if (bytes === undefined) return
    model.early[at] = undefined
    countEarly(model, -1, -bytes.length)
    accept(model, bytes)
  }
}

const accept = (model: UtpModel, bytes: Uint8Array): void => {
  model.ack = nextAfter(model.ack)
  if (bytes.length === 0) return
  model.ready.push(bytes)
  model.readyBytes += bytes.length
}

/** Takes the next bytes that have come in order; undefined where there are none. */
export const readUtp = (model: UtpModel): Uint8Array | undefined => {
  const { ready } = model
  const bytes = ready[model.readyFrom]
  if (bytes === undefined) return undefined
  model.readyBytes -= bytes.length
  if (++model.readyFrom === ready.length) {
    ready.length = 0
    model.readyFrom = 0
  }
  return bytes
}

/** Whether the peer has said that nothing more comes, and everything before has. */
export const hasEnded = ({ endSeq, ack }: UtpModel): boolean => endSeq !== undefined && endSeq === ack

/** Which packets have come out of order; undefined where none has. */
export const sackOf = ({ early, earlyPackets, ack }: UtpModel): Uint8Array | undefined => {
  if (earlyPackets === 0) return undefined
  const bits = 8 * UTP_LIMITS.sackBytes
  let last = 0
  const sack = new Uint8Array(UTP_LIMITS.sackBytes)
  for (let i = 0, left = earlyPackets; i < bits && left > 0; i++) {
    if (early[(ack + 2 + i) & SEQUENCE_MASK & RING_MASK] === undefined) continue
    sack[i >> 3]! |= 1 << (i & 7)
    left--
    last = i
  }
  return sack.subarray(0, 4 * ((last >> 5) + 1))
}
