import { isBanned } from '../peer/ban.js'
import { dialable, markDialling } from '../peer/candidates.js'
import { defaultDial } from '../peer/dialPolicy.js'
import * as O from '#fp/Option'
import { dueOfAll } from './announcers.js'
import { strike } from './judge.js'
import { METADATA_LIMITS } from './limits.js'
import type { MetadataModel, MetadataPeer } from './model.js'
import { closePeer, tellPeer } from './peers.js'

/** All that happens because time passes. */
export const onTick = (model: MetadataModel): void => {
  for (const peer of [...model.peers.values()]) watch(model, peer)
  announceDue(model)
  dialMore(model)
}

/** One peer's clocks. */
const watch = (model: MetadataModel, peer: MetadataPeer): void => {
  const { now } = model
  if (now - peer.lastHeardAt > METADATA_LIMITS.idleMs) {
    closePeer(model, peer, { _tag: 'NotNeeded', why: 'idle' })
    return
  }
  const isHolder =
    model.layers === undefined ? peer.messageId !== undefined && peer.size !== undefined : peer.hasV2
  if (!isHolder && now - peer.connectedAt > METADATA_LIMITS.patienceMs) {
    closePeer(model, peer, { _tag: 'NotNeeded', why: 'useless' })
    return
  }
  if (peer.asked.size + peer.askedParts.size > 0 && now - peer.lastAnswerAt > METADATA_LIMITS.answerMs)
    strike(model, peer)
  if (now - peer.lastSentAt > METADATA_LIMITS.keepAliveMs) tellPeer(model, peer, { _tag: 'KeepAlive' })
}

/** Opens connections while there is room and somebody to dial. */
export const dialMore = (model: MetadataModel): void => {
  const { dialling, candidates, bans, now } = model
  const room = Math.min(
    METADATA_LIMITS.connections - model.peers.size - dialling.size,
    METADATA_LIMITS.dialling - dialling.size,
  )
  if (room <= 0) return
  const due = dialable(candidates, now).filter(({ host, port }) => !isBanned(bans, host, port))
  if (due.length === 0) return
  const connected = Array.from(model.peers.values(), ({ address }) => address)
  const chosen = defaultDial({
    now,
    room,
    candidates: due,
    connected: [...connected, ...dialling.values()],
    ownAddress: O.none,
    random: model.random,
  })
  for (const { host, port } of chosen) {
    const peer = model.nextDialKey
    model.nextDialKey += 2
    const address = { host, port }
    markDialling(candidates, address, now)
    dialling.set(peer, address)
    model.effects.push({ _tag: 'Dial', peer, address })
  }
}

/** How much is left is not known, and nothing would make us a seed. */
const LEFT = 1
const NUM_WANT = 100

export const announceDue = (model: MetadataModel): void => {
  const { peerId, announceKey } = model.config
  const due = dueOfAll(model.announcers, model.now, {
    infohash: model.infohash,
    peerId,
    port: model.port ?? 0,
    uploaded: 0,
    downloaded: 0,
    left: LEFT,
    isPartialSeed: false,
    numWant: NUM_WANT,
    key: announceKey,
    wantPeers: model.peers.size + model.dialling.size < METADATA_LIMITS.fewPeers,
  })
  for (const announce of due) model.effects.push({ _tag: 'Announce', ...announce })
}
