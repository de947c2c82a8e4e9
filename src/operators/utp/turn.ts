import { UTP_TYPE } from '../../codecs/utp/utpPacket.js'
import { markLost } from './acks.js'
import type { UtpEffect } from './effect.js'
import { addPacket, sendPacket, sendState } from './emit.js'
import type { UtpEvent } from './event.js'
import { receiveWindow } from './inbox.js'
import { shrinkForTimeout } from './ledbat.js'
import { UTP_LIMITS } from './limits.js'
import { outstanding, RING_MASK, type UtpModel } from './model.js'
import { closeUtp, onReceived } from './onReceived.js'
import { doubleTimeout } from './roundTrip.js'
import { probe, sendFin, sendTail, transmit } from './transmit.js'
import { addUnsent, clearUnsent } from './unsent.js'

/**
 * The fold of a uTP connection (BEP 29): takes an event, changes the model, and answers with what is to be done. After the
 * `Closed` effect nothing has an effect any more.
 */
export const utpTurn = (model: UtpModel, event: UtpEvent): ReadonlyArray<UtpEffect> => {
  if (model.phase === 'closed') return NOTHING
  model.now = event.at
  model.effects = []
  take(model, event)
  return model.effects
}

const NOTHING: ReadonlyArray<UtpEffect> = []

/** When the connection is to be given a `Tick`; infinite where it waits for nothing. */
export const utpDeadline = (model: UtpModel): number =>
  model.phase === 'closed'
    ? Infinity
    : Math.min(
        model.timeoutAt,
        model.tailAt,
        model.ackAt,
        model.probeAt,
        model.endAt,
        model.phase === 'open' ? model.sentAt + UTP_LIMITS.keepAliveMs : Infinity,
      )

const take = (model: UtpModel, event: UtpEvent): void => {
  switch (event._tag) {
    case 'Received':
      onReceived(model, event.packet)
      return
    case 'Write':
      write(model, event.buffers)
      return
    case 'Tick':
      onTick(model)
      return
    case 'WasRead':
      // A peer that was told of little room waits for this.
      if (model.phase === 'open' && isNewsOfRoom(model)) sendState(model)
      return
    case 'Dial':
      if (model.phase !== 'idle') return
      model.phase = 'dialling'
      sendPacket(model, addPacket(model, UTP_TYPE.syn, 0))
      return
    case 'End':
      if (model.isEnding) return
      model.isEnding = true
      model.endAt = model.now + UTP_LIMITS.endMs
      transmit(model)
      return
    case 'Abandon':
      clearUnsent(model.unsent)
      if (model.phase === 'open' && model.finSeq === undefined) sendFin(model)
      closeUtp(model, undefined)
  }
}

const write = (model: UtpModel, buffers: ReadonlyArray<Uint8Array>): void => {
  if (model.isEnding) return
  for (const buffer of buffers) addUnsent(model.unsent, buffer)
  transmit(model)
  if (model.unsent.bytes >= UTP_LIMITS.highWaterBytes) model.owesDrain = true
}

const isNewsOfRoom = (model: UtpModel): boolean =>
  model.toldWindow < UTP_LIMITS.receiveBytes / 2 && receiveWindow(model) >= UTP_LIMITS.receiveBytes / 2

const onTick = (model: UtpModel): void => {
  const { now } = model
  if (now >= model.endAt) {
    closeUtp(model, undefined)
    return
  }
  if (now >= model.timeoutAt) onTimeout(model)
  if (model.phase !== 'open') return
  if (now >= model.tailAt) sendTail(model)
  if (now >= model.probeAt) probe(model)
  if (now >= model.ackAt || now >= model.sentAt + UTP_LIMITS.keepAliveMs) sendState(model)
}

/** Nothing was acknowledged for so long: all that is on its way is to go again, as the window opens anew. */
const onTimeout = (model: UtpModel): void => {
  doubleTimeout(model)
  const isDialling = model.phase === 'dialling'
  if (model.timeouts >= (isDialling ? UTP_LIMITS.dialTimeouts : UTP_LIMITS.timeouts)) {
    closeUtp(model, 'ETIMEDOUT')
    return
  }
  shrinkForTimeout(model)
  const count = outstanding(model)
  for (let i = 0; i < count; i++) {
    const packet = model.sent[(model.unackedSeq + i) & RING_MASK]
    if (packet !== undefined && !packet.isLost) markLost(model, packet)
  }
  model.timeoutAt = model.now + model.timeoutMs
  model.tailAt = Infinity
  const first = model.sent[model.unackedSeq & RING_MASK]
  if (isDialling && first !== undefined) sendPacket(model, first)
  else transmit(model)
}
