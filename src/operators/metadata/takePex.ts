import * as E from '#fp/Either'
import { decodeUtPex } from '../../codecs/wire/utPex.js'
import { addCandidate } from '../peer/candidates.js'
import { isBanned } from '../peer/ban.js'
import { mayName } from '../peer/mayName.js'
import { SESSION_LIMITS } from '../session/limits.js'
import { onNonsense } from './judge.js'
import type { MetadataModel, MetadataPeer } from './model.js'

/**
 * Whom a peer is connected to (BEP 11), as a session takes it: once a minute, and no more than 50 of one peer. We tell
 * nobody of anybody: the torrent may turn out to be private.
 */
export const takePex = (model: MetadataModel, peer: MetadataPeer, payload: Uint8Array): void => {
  const message = decodeUtPex(payload)
  if (E.isLeft(message) || model.now - peer.pexTakenAt < SESSION_LIMITS.pexTakenMs) {
    onNonsense(model, peer)
    return
  }
  peer.pexTakenAt = model.now
  for (const { host, port } of message.right.added) {
    if (peer.pexKept >= SESSION_LIMITS.pexKept) return
    if (!mayName(peer.address.host, host) || isBanned(model.bans, host, port)) continue
    if (addCandidate(model.candidates, { host, port }, 'pex', model.now)) peer.pexKept++
  }
}
