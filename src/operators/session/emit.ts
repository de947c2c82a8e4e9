import type { WireMessage } from '../../codecs/wire/message.js'
import { wireLength } from '../../codecs/wire/write.js'
import type { SessionEffect } from './effect.js'
import type { SessionModel } from './model.js'
import type { Notice } from './notice.js'
import type { PeerModel } from './peerModel.js'

/** Adds an effect to the present turn. */
export const emit = (model: SessionModel, effect: SessionEffect): void => {
  model.effects.push(effect)
}

/** Tells the user at once. */
export const notify = (model: SessionModel, notice: Notice): void => {
  model.notices.push(notice)
}

/** Queues a message; all of a turn's to one peer leave as one. */
export const tell = (model: SessionModel, peer: PeerModel, message: WireMessage): void => {
  if (peer.outgoing.length === 0) model.touched.push(peer)
  peer.outgoing.push(message)
}

/** Turns the queued messages into one `Send` a peer. */
export const flushMessages = (model: SessionModel): void => {
  const { touched } = model
  for (const peer of touched) {
    if (peer.outgoing.length > 0 && model.peers.get(peer.key) === peer) {
      model.effects.push({ _tag: 'Send', peer: peer.key, messages: peer.outgoing })
      for (const message of peer.outgoing) model.wireUp += wireLength(message)
      peer.lastSentAt = model.now
    }
    peer.outgoing = []
  }
  touched.length = 0
}
