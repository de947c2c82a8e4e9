import { tellExtended } from './extension/tellExtended.js'
import { isDone, type SessionModel } from './model.js'
import { sendExtendedHandshake } from './onExtended.js'

/** Whether we want something has changed (BEP 21): by a message of one byte to those who know it, by a handshake to others. */
export const tellUploadOnly = (model: SessionModel): void => {
  const payload = Uint8Array.of(isDone(model) ? 1 : 0)
  for (const peer of model.peers.values()) {
    if (!peer.hasExtended) continue
    if (!tellExtended(model, peer, 'upload_only', payload)) sendExtendedHandshake(model, peer)
  }
}
