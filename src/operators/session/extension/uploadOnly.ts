import { isDone, type SessionModel } from '../model.js'
import { closeIfBothSeed } from '../peers.js'
import type { PeerModel } from '../peerModel.js'
import type { Extension } from './extension.js'

/**
 * BEP 21: who wants nothing any more says so, whether it has all or only what it wants. In the handshake, and when it
 * changes by libtorrent's message of that name: one byte.
 */
export const uploadOnly: Extension = {
  name: 'upload_only',
  id: 3,
  isOffered: () => true,
  handshake: (model) => ({ uploadOnly: isDone(model) }),
  onHandshake: (model, peer, { uploadOnly: isUploadOnly }) => {
    if (isUploadOnly !== undefined) setUploadOnly(model, peer, isUploadOnly)
  },
  onMessage: (model, peer, payload) => {
    if (payload.length !== 1) return 'upload_only of the wrong length'
    setUploadOnly(model, peer, payload[0] !== 0)
    return undefined
  },
}

/** Two who want nothing have nothing to say to each other. */
const setUploadOnly = (model: SessionModel, peer: PeerModel, isUploadOnly: boolean): void => {
  peer.isUploadOnly = isUploadOnly
  closeIfBothSeed(model, peer)
}
