import { encodeUtMetadata, type UtMetadata } from '../../codecs/wire/utMetadata.js'
import {
  askPiece,
  type Attempt,
  createAttempt,
  gathered,
  nextPiece,
  releasePiece,
  storePiece,
} from './attempt.js'
import { conclude } from './conclude.js'
import { METADATA_LIMITS } from './limits.js'
import { identityOf, type MetadataModel, type MetadataPeer } from './model.js'
import { ban, mayRefuse, onNonsense, strike } from './judge.js'
import { releaseAsked, tellPeer } from './peers.js'
import { settle } from './settle.js'

/** Whether it says that it has the metadata, and how to ask for it. */
const isHolder = (peer: MetadataPeer): boolean => peer.size !== undefined && peer.messageId !== undefined

/**
 * Who gathers what with whom. The smallest come first while there is memory: what liars claim to be huge waits for what
 * they claim to be small, and an honest answer is not kept out by its size alone.
 */
export const assignAttempts = (model: MetadataModel): void => {
  // All of it is there: only what is outside of it is missing.
  if (model.layers !== undefined) return
  const wanted = new Map<string, Attempt>()
  const keyOf = (size: number, owner: number | undefined): string => `${String(size)} ${String(owner ?? '')}`
  const fresh = new Map<string, Attempt>()
  for (const attempt of model.attempts) {
    // What has come stays, though all who sent it have left.
    const among = attempt.haveBytes > 0 ? wanted : fresh
    among.set(keyOf(attempt.size, attempt.owner), attempt)
  }
  const members = new Map<Attempt, MetadataPeer[]>()
  for (const peer of model.peers.values()) {
    if (!isHolder(peer) || peer.size === undefined) continue
    const owner = model.isOneByOne ? peer.key : undefined
    const key = keyOf(peer.size, owner)
    const attempt = wanted.get(key) ?? fresh.get(key) ?? createAttempt(peer.size, owner)
    wanted.set(key, attempt)
    const others = members.get(attempt)
    if (others === undefined) members.set(attempt, [peer])
    else others.push(peer)
  }
  const ranked = [...wanted.values()]
    // Of a peer that has left nothing more will come.
    .filter(({ owner }) => owner === undefined || model.peers.has(owner))
    .sort((a, b) => a.size - b.size)
  let claimed = 0
  model.attempts = ranked.filter(({ size }) => {
    if (claimed + size > METADATA_LIMITS.gatheredBytes) return false
    claimed += size
    return true
  })
  const kept = new Set(model.attempts)
  for (const peer of model.peers.values()) {
    if (peer.attempt === undefined || kept.has(peer.attempt)) continue
    releaseAsked(peer)
    peer.attempt = undefined
  }
  for (const attempt of model.attempts) for (const peer of members.get(attempt) ?? []) join(peer, attempt)
}

const join = (peer: MetadataPeer, attempt: Attempt): void => {
  if (peer.attempt === attempt) return
  releaseAsked(peer)
  peer.attempt = attempt
}

/** Asks whoever can be asked for what is missing. */
export const askForPieces = (model: MetadataModel): void => {
  for (const peer of model.peers.values()) {
    const { attempt, messageId } = peer
    if (attempt === undefined || messageId === undefined || peer.restsUntil > model.now) continue
    if (peer.asked.size === 0) peer.lastAnswerAt = model.now
    while (peer.asked.size < METADATA_LIMITS.outstanding) {
      const piece = nextPiece(attempt, peer.key, METADATA_LIMITS.askedTwice)
      if (piece === undefined) break
      askPiece(attempt, peer.key, piece)
      peer.asked.add(piece)
      const payload = encodeUtMetadata({ _tag: 'Request', piece })
      tellPeer(model, peer, { _tag: 'Extended', id: messageId, payload })
    }
  }
}

/** A message of the extension. */
export const onMetadataMessage = (model: MetadataModel, peer: MetadataPeer, message: UtMetadata): void => {
  switch (message._tag) {
    case 'Unknown':
      onNonsense(model, peer)
      return
    case 'Request':
      refuse(model, peer, message.piece)
      return
    case 'Reject':
      if (peer.asked.has(message.piece)) strike(model, peer)
      else onNonsense(model, peer)
      return
    case 'Data':
      onData(model, peer, message)
  }
}

/** There is nothing to give yet. */
const refuse = (model: MetadataModel, peer: MetadataPeer, piece: number): void => {
  if (peer.messageId === undefined || !mayRefuse(model, peer)) return
  const payload = encodeUtMetadata({ _tag: 'Reject', piece })
  tellPeer(model, peer, { _tag: 'Extended', id: peer.messageId, payload })
}

const onData = (
  model: MetadataModel,
  peer: MetadataPeer,
  { piece, totalSize, payload }: UtMetadata & { readonly _tag: 'Data' },
): void => {
  const { attempt } = peer
  if (attempt === undefined || !peer.asked.delete(piece)) {
    onNonsense(model, peer)
    return
  }
  releasePiece(attempt, peer.key, piece)
  if (totalSize !== attempt.size) {
    strike(model, peer)
    return
  }
  peer.strikes = 0
  peer.lastAnswerAt = model.now
  peer.received += payload.length
  storePiece(attempt, piece, payload, peer.key, identityOf(peer))
  if (attempt.missing === 0) onGathered(model, attempt)
}

const onGathered = (model: MetadataModel, attempt: Attempt): void => {
  const outcome = conclude(model.config.magnet, gathered(attempt))
  if (outcome !== undefined) {
    settle(model, outcome)
    return
  }
  model.wrong++
  const [sender] = attempt.senders
  if (attempt.senders.size === 1 && sender !== undefined) ban(model, sender[0], sender[1])
  else model.isOneByOne = true
  // Whatever else several have gathered may be as wrong.
  const isKept = ({ owner }: Attempt): boolean => owner !== undefined || !model.isOneByOne
  model.attempts = model.attempts.filter((other) => other !== attempt && isKept(other))
  assignAttempts(model)
}

/** Bytes of metadata that have come, of what is fullest, and what it is to come to. */
export const fullest = ({ attempts }: MetadataModel): Attempt | undefined =>
  attempts.reduce<Attempt | undefined>(
    (best, attempt) => (best === undefined || attempt.haveBytes > best.haveBytes ? attempt : best),
    undefined,
  )
