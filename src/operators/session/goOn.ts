import { chokeRound } from './chokeRound.js'
import { goOnline } from './lifecycle.js'
import { isActive, type SessionModel } from './model.js'
import { askAll } from './askInTurn.js'

/** Payload may move again, after a pause, a failure or a check: at once, over the connections that were kept. */
export const goOn = (model: SessionModel): void => {
  if (!isActive(model)) return
  for (const peer of model.peers.values()) {
    // It could not be of use meanwhile.
    peer.lastPayloadAt = model.now
    peer.lastBlockAt = model.now
  }
  model.lastChokeAt = model.now
  chokeRound(model, 'due')
  askAll(model)
  goOnline(model)
}
