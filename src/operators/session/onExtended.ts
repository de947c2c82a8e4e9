import * as E from '#fp/Either'
import { CLIENT_NAME } from '../../codecs/version.js'
import {
  decodeExtendedHandshake,
  encodeExtendedHandshake,
  EXTENDED_HANDSHAKE_ID,
} from '../../codecs/wire/extended.js'
import { voteAddress } from '../peer/ownAddress.js'
import { tell } from './emit.js'
import { SESSION_LIMITS } from './limits.js'
import type { SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'

/** No extension is spoken yet; what is said is the client, the port and the length of the request queue. */
export const sendExtendedHandshake = (model: SessionModel, peer: PeerModel): void => {
  const payload = encodeExtendedHandshake({
    extensions: new Map(),
    client: CLIENT_NAME,
    port: model.port,
    yourIp: peer.address.host,
    requestQueue: SESSION_LIMITS.uploadQueue,
    metadataSize: undefined,
    uploadOnly: undefined,
  })
  tell(model, peer, { _tag: 'Extended', id: EXTENDED_HANDSHAKE_ID, payload })
}

/** Takes what a peer says of itself. One that cannot be read is passed over: every field of it is optional. */
export const onExtended = (model: SessionModel, peer: PeerModel, id: number, payload: Uint8Array): void => {
  if (id !== EXTENDED_HANDSHAKE_ID) return
  const handshake = decodeExtendedHandshake(payload)
  if (E.isLeft(handshake)) return
  peer.reqq = handshake.right.requestQueue ?? peer.reqq
  peer.client = handshake.right.client ?? peer.client
  if (handshake.right.yourIp !== undefined)
    voteAddress(model.addressVotes, peer.address.host, handshake.right.yourIp)
}
