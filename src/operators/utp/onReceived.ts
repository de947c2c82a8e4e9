import { stepsTo } from '../../codecs/utp/sequence.js'
import { UTP_TYPE, type UtpPacket } from '../../codecs/utp/utpPacket.js'
import { isPlausibleAck, isPlausibleReset, takeAck } from './acks.js'
import { sendState } from './emit.js'
import { dropEarly, hasEnded, takeInOrder } from './inbox.js'
import { UTP_LIMITS } from './limits.js'
import { microseconds, outstanding, type UtpModel } from './model.js'
import { transmit } from './transmit.js'

/** Takes a packet of the connection. What does not fit what we sent is passed over. */
export const onReceived = (model: UtpModel, packet: UtpPacket): void => {
  if (packet.type === UTP_TYPE.syn || model.phase === 'idle') return
  if (packet.type === UTP_TYPE.reset) {
    if (!isPlausibleReset(model, packet.ack)) return
    closeUtp(model, model.phase === 'dialling' ? 'ECONNREFUSED' : 'ECONNRESET')
    return
  }
  if (!isPlausibleAck(model, packet.ack)) return
  if (model.phase === 'dialling' && !answersDial(model, packet)) return
  model.timestampDifference = (microseconds(model.now) - packet.timestamp) >>> 0
  model.peerWindow = packet.windowSize
  takeAck(model, packet)
  if (packet.type === UTP_TYPE.data || packet.type === UTP_TYPE.fin) takeInOrder(model, packet)
  transmit(model)
  if (model.isAckUrgent || model.owedAcks >= UTP_LIMITS.packetsPerAck) sendState(model)
  const isFinAcked = model.finSeq !== undefined && outstanding(model) === 0
  if (isFinAcked && hasEnded(model)) closeUtp(model, undefined)
}

/** The answer to our SYN opens the connection: it says which packet of the peer is the first. */
const answersDial = (model: UtpModel, { type, ack, seq }: UtpPacket): boolean => {
  if (type !== UTP_TYPE.state || stepsTo(model.unackedSeq, ack) !== 0) return false
  model.phase = 'open'
  model.ack = (seq - 1) & 0xffff
  // The peer waits to hear that its answer came: with what is written now, or without.
  model.owedAcks = 1
  model.ackAt = model.now + UTP_LIMITS.ackDelayMs
  model.effects.push({ _tag: 'Connected' })
  return true
}

export const closeUtp = (model: UtpModel, code: string | undefined): void => {
  model.phase = 'closed'
  dropEarly(model)
  model.effects.push({ _tag: 'Closed', code })
}
