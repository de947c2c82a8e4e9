import { UTP_HEADER_BYTES, UTP_TYPE } from '../../codecs/utp/utpPacket.js'
import { markLost } from './acks.js'
import { addPacket, sendPacket } from './emit.js'
import { UTP_LIMITS } from './limits.js'
import { outstanding, RING_MASK, type UtpModel } from './model.js'
import { takeUnsent } from './unsent.js'

/** Sends as much as the windows have room for: what was lost, what waits, and at last the FIN. */
export const transmit = (model: UtpModel): void => {
  if (model.phase !== 'open') return
  if (model.lostPackets > 0 && !sendLost(model)) return
  const { unsent, config } = model
  const most = config.packetBytes - UTP_HEADER_BYTES
  while (unsent.bytes > 0) {
    const isAlone = outstanding(model) === 0
    const room = Math.min(model.window, model.peerWindow) - model.inFlightBytes
    const size = Math.min(unsent.bytes, most, isAlone ? Math.max(room, 0) : most)
    if (size === 0) {
      if (model.probeAt === Infinity) model.probeAt = model.now + UTP_LIMITS.probeMs
      break
    }
    if (size > room || outstanding(model) >= UTP_LIMITS.packets) {
      model.fullAt = model.now
      break
    }
    sendUnsent(model, size)
  }
  if (unsent.bytes === 0 && model.isEnding && model.finSeq === undefined) sendFin(model)
  if (model.owesDrain && unsent.bytes <= UTP_LIMITS.lowWaterBytes) {
    model.owesDrain = false
    model.effects.push({ _tag: 'Drained' })
  }
}

/** One packet although the peer has said that it has no room: its answer tells whether that is still so. */
export const probe = (model: UtpModel): void => {
  model.probeAt = Infinity
  if (model.unsent.bytes > 0 && outstanding(model) === 0) sendUnsent(model, 1)
}

/** The last packet again: what is said in answer tells which of those before it are lost. */
export const sendTail = (model: UtpModel): void => {
  model.tailAt = Infinity
  const packet = model.sent[(model.nextSeq - 1) & RING_MASK]
  if (packet === undefined || packet.isLost || outstanding(model) === 0) return
  markLost(model, packet)
  sendPacket(model, packet)
}

const sendUnsent = (model: UtpModel, size: number): void => {
  model.probeAt = Infinity
  const packet = addPacket(model, UTP_TYPE.data, size)
  takeUnsent(model.unsent, packet.bytes, UTP_HEADER_BYTES)
  sendPacket(model, packet)
}

export const sendFin = (model: UtpModel): void => {
  model.finSeq = model.nextSeq
  sendPacket(model, addPacket(model, UTP_TYPE.fin, 0))
}

/** The oldest first; answers whether all of them have gone. The very first goes even where there is no room: all wait for it. */
const sendLost = (model: UtpModel): boolean => {
  const count = outstanding(model)
  for (let i = 0; i < count && model.lostPackets > 0; i++) {
    const packet = model.sent[(model.unackedSeq + i) & RING_MASK]
    if (packet?.isLost !== true) continue
    const isFull = model.inFlightBytes + packet.payloadBytes > Math.min(model.window, model.peerWindow)
    if (isFull && i > 0 && model.inFlightBytes > 0) {
      model.fullAt = model.now
      return false
    }
    sendPacket(model, packet)
  }
  return true
}
