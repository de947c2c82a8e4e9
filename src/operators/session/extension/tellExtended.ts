import { tell } from '../emit.js'
import type { SessionModel } from '../model.js'
import type { PeerModel } from '../peerModel.js'
import type { ExtensionName } from './extensionName.js'

/** Tells the peer a message of an extension under its own id for it. Answers whether it speaks it. */
export const tellExtended = (
  model: SessionModel,
  peer: PeerModel,
  name: ExtensionName,
  payload: Uint8Array,
): boolean => {
  const id = peer.extensions[name]
  if (id === 0) return false
  tell(model, peer, { _tag: 'Extended', id, payload })
  return true
}
