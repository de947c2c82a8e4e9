import * as E from '#fp/Either'
import { CLIENT_NAME } from '../../codecs/version.js'
import {
  decodeExtendedHandshake,
  encodeExtendedHandshake,
  type ExtendedHandshake,
  EXTENDED_HANDSHAKE_ID,
} from '../../codecs/wire/extended.js'
import { voteAddress } from '../peer/ownAddress.js'
import { announcedPort } from './announcedPort.js'
import { tell } from './emit.js'
import { EXTENSIONS } from './extension/extensions.js'
import { SESSION_LIMITS } from './limits.js'
import type { SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'

/** Says who we are and what we speak. A later one is as whole as the first: some clients forget what it leaves out. */
export const sendExtendedHandshake = (model: SessionModel, peer: PeerModel): void => {
  const offered = EXTENSIONS.filter(({ isOffered }) => isOffered(model))
  const handshake: Partial<ExtendedHandshake> = {
    extensions: new Map(offered.map(({ name, id }) => [name, id])),
    client: CLIENT_NAME,
    port: announcedPort(model),
    yourIp: peer.address.host,
    requestQueue: SESSION_LIMITS.uploadQueue,
  }
  const parts = offered.map((extension) => extension.handshake?.(model))
  const payload = encodeExtendedHandshake(Object.assign({}, handshake, ...parts) as typeof handshake)
  tell(model, peer, { _tag: 'Extended', id: EXTENDED_HANDSHAKE_ID, payload })
}

/** A message of BEP 10. Answers what is wrong with it, if the peer is to go. */
export const onExtended = (
  model: SessionModel,
  peer: PeerModel,
  id: number,
  payload: Uint8Array,
): string | undefined => {
  if (id === EXTENDED_HANDSHAKE_ID) return onHandshake(model, peer, payload)
  // What we never offered is nothing to us.
  const extension = EXTENSIONS.find((spoken) => spoken.id === id)
  return extension?.isOffered(model) === true ? extension.onMessage(model, peer, payload) : undefined
}

/** Takes what a peer says of itself. What cannot be read is passed over, every field being optional; a bomb is not. */
const onHandshake = (model: SessionModel, peer: PeerModel, payload: Uint8Array): string | undefined => {
  const decoded = decodeExtendedHandshake(payload)
  if (E.isLeft(decoded)) {
    return decoded.left._tag === 'LimitExceeded' ? 'an extended handshake beyond all bounds' : undefined
  }
  const handshake = decoded.right
  peer.reqq = handshake.requestQueue ?? peer.reqq
  peer.client = handshake.client ?? peer.client
  peer.listenPort = handshake.port ?? peer.listenPort
  if (handshake.yourIp !== undefined) voteAddress(model.addressVotes, peer.address.host, handshake.yourIp)
  const offered = EXTENSIONS.filter(({ isOffered }) => isOffered(model))
  for (const { name } of offered) {
    peer.extensions[name] = handshake.extensions.get(name) ?? peer.extensions[name]
  }
  for (const extension of offered) {
    extension.onHandshake?.(model, peer, handshake)
    // It may have closed the peer.
    if (model.peers.get(peer.key) !== peer) break
  }
  return undefined
}
