import * as E from '#fp/Either'
import * as O from '#fp/Option'
import type { PeerAddress } from '../../../codecs/peerAddress.js'
import {
  decodeUtHolepunch,
  encodeUtHolepunch,
  type HolepunchError,
  type UtHolepunch,
} from '../../../codecs/wire/utHolepunch.js'
import { mayName } from '../../peer/mayName.js'
import { ownAddress, punch } from '../lifecycle.js'
import { SESSION_LIMITS } from '../limits.js'
import { isActive, type SessionModel } from '../model.js'
import type { PeerModel } from '../peerModel.js'
import { dialAddress } from './dialAddress.js'
import type { Extension } from './extension.js'
import { addressKey } from './peerExchange.js'
import { tellExtended } from './tellExtended.js'

/**
 * BEP 55: two peers behind address translators connect at once, as a third one, which both are connected to, tells them. We
 * are that third one for others; told so ourselves, we dial. Not for private torrents: it is a way to find peers (BEP 27).
 */
export const utHolepunch: Extension = {
  name: 'ut_holepunch',
  id: 5,
  isOffered: ({ config }) => config.pex !== false && !config.metainfo.isPrivate,
  onMessage: (model, peer, payload) => {
    const message = decodeUtHolepunch(payload)
    if (E.isLeft(message)) return 'a ut_holepunch that cannot be read'
    if (!isActive(model) || !takeTurn(model, peer)) return undefined
    const { _tag, address } = message.right
    if (_tag === 'Rendezvous') relay(model, peer, address)
    else if (_tag === 'Connect') dial(model, peer, address)
    return undefined
  },
}

/** Whether the peer may be heard, or told, once more in this minute. */
const takeTurn = ({ now }: SessionModel, { holepunch }: PeerModel): boolean => {
  if (now - holepunch.since >= SESSION_LIMITS.holepunchMs) {
    holepunch.since = now
    holepunch.count = 0
  }
  return ++holepunch.count <= SESSION_LIMITS.holepunches
}

/** Tells both to connect to each other; or the one that asked why not. */
const relay = (model: SessionModel, asker: PeerModel, address: PeerAddress): void => {
  const refuse = (error: HolepunchError): void => {
    say(model, asker, { _tag: 'Error', address, error })
  }
  const key = addressKey(address)
  const own = O.toUndefined(ownAddress(model))
  if (own !== undefined && addressKey(own) === key) {
    refuse('NoSelf')
    return
  }
  if (address.port === 0 || !mayName(asker.address.host, address.host)) {
    refuse('NoSuchPeer')
    return
  }
  const target = [...model.peers.values()].find((peer) => addressKey(reachedAt(peer)) === key)
  if (target === undefined || target === asker) {
    refuse('NotConnected')
    return
  }
  if (target.extensions.ut_holepunch === 0) {
    refuse('NoSupport')
    return
  }
  // Many must not flood one through us.
  if (!takeTurn(model, target)) return
  say(model, asker, { _tag: 'Connect', address })
  say(model, target, { _tag: 'Connect', address: reachedAt(asker) })
}

/** A peer told us to connect: the other one dials at the same moment, so that each finds the way that it opens itself. */
const dial = (model: SessionModel, { address: relayed }: PeerModel, address: PeerAddress): void => {
  if (address.port === 0 || !mayName(relayed.host, address.host)) return
  punch(model, address)
}

/** Who cannot be reached may be by way of the peer that told us of it. */
export const askRelay = (model: SessionModel, address: PeerAddress): void => {
  if (!isActive(model) || !utHolepunch.isOffered(model)) return
  const key = addressKey(address)
  for (const relayed of model.peers.values()) {
    if (!relayed.exchange.kept.has(key) || relayed.extensions.ut_holepunch === 0) continue
    if (takeTurn(model, relayed)) say(model, relayed, { _tag: 'Rendezvous', address })
    return
  }
}

const reachedAt = (peer: PeerModel): PeerAddress => dialAddress(peer) ?? peer.address

const say = (model: SessionModel, peer: PeerModel, message: UtHolepunch): void => {
  tellExtended(model, peer, 'ut_holepunch', encodeUtHolepunch(message))
}
