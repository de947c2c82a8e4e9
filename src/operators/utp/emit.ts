import {
  encodeUtp,
  putUtpHeader,
  UTP_HEADER_BYTES,
  UTP_TYPE,
  type UtpPacket,
  type UtpType,
} from '../../codecs/utp/utpPacket.js'
import { receiveWindow, sackOf } from './inbox.js'
import { microseconds, nextAfter, RING_MASK, type SentPacket, type UtpModel } from './model.js'
import { restartDeadlines } from './roundTrip.js'

const NOTHING = new Uint8Array(0)

/** Makes the next packet, with room for so much payload, and takes its place; it is not sent yet. */
export const addPacket = (model: UtpModel, type: UtpType, payloadBytes: number): SentPacket => {
  const seq = model.nextSeq
  const packet: SentPacket = {
    type,
    bytes: new Uint8Array(UTP_HEADER_BYTES + payloadBytes),
    payloadBytes,
    seq,
    sentAt: model.now,
    order: 0,
    transmissions: 0,
    isLost: false,
  }
  model.sent[seq & RING_MASK] = packet
  model.nextSeq = nextAfter(seq)
  return packet
}

/** Sends a packet, or sends it again, with a header of now. */
export const sendPacket = (model: UtpModel, packet: SentPacket): void => {
  const { config } = model
  const { type } = packet
  putUtpHeader(packet.bytes, {
    ...headerOf(model, type),
    // It names the id by which we are to be answered.
    connectionId: type === UTP_TYPE.syn ? config.receiveId : config.sendId,
    seq: packet.seq,
  })
  if (packet.isLost) {
    packet.isLost = false
    model.lostPackets--
  }
  packet.sentAt = model.now
  packet.order = ++model.transmissions
  packet.transmissions++
  model.inFlightBytes += packet.payloadBytes
  if (model.timeoutAt === Infinity) restartDeadlines(model)
  // Packets that came early need an answer of their own, which says which.
  if (model.earlyPackets === 0) acknowledged(model)
  send(model, packet.bytes)
}

/** Acknowledges what has come, in a packet without a place in the order. */
export const sendState = (model: UtpModel): void => {
  acknowledged(model)
  const sack = sackOf(model)
  send(model, encodeUtp({ ...headerOf(model, UTP_TYPE.state), sack, payload: NOTHING }))
}

const acknowledged = (model: UtpModel): void => {
  model.owedAcks = 0
  model.isAckUrgent = false
  model.ackAt = Infinity
}

const headerOf = (model: UtpModel, type: UtpType): Omit<UtpPacket, 'sack' | 'payload'> => ({
  type,
  connectionId: model.config.sendId,
  timestamp: microseconds(model.now),
  timestampDifference: model.timestampDifference,
  windowSize: (model.toldWindow = receiveWindow(model)),
  seq: model.nextSeq,
  ack: model.ack,
})

const send = (model: UtpModel, bytes: Uint8Array): void => {
  model.sentAt = model.now
  model.effects.push({ _tag: 'Send', bytes })
}
