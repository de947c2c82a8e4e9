import type { ExtendedHandshake } from '../../../codecs/wire/extended.js'
import type { SessionModel } from '../model.js'
import type { PeerModel } from '../peerModel.js'
import type { ExtensionName } from './extensionName.js'

/** An extension of the peer wire (BEP 10): what we say and do about it. */
export interface Extension {
  readonly name: ExtensionName
  /** The message id under which peers send it to us: from 1 to 255, and of no other. */
  readonly id: number
  /** Whether peers of this session hear of it; to what they send all the same nobody listens. */
  readonly isOffered: (model: SessionModel) => boolean
  /** Its part of our handshake, besides its name. */
  readonly handshake?: (model: SessionModel) => Partial<ExtendedHandshake>
  /** The peer's handshake has come, the first or a later one. */
  readonly onHandshake?: (model: SessionModel, peer: PeerModel, handshake: ExtendedHandshake) => void
  /**
   * A message of it has come; its payload dies with the turn. Answers what is wrong with it, if the peer is to go; the
   * handler may also close the peer itself.
   */
  readonly onMessage: (model: SessionModel, peer: PeerModel, payload: Uint8Array) => string | undefined
}
