import type { PeerKey } from '../peer/peerKey.js'
import type { ChokePeer, ChokeRound } from './policy.js'
import { hadTurn, turnOrder } from './turnOrder.js'

/** A peer is a newcomer for so long (BEP 3). */
const NEWCOMER_MS = 60_000
/** How much likelier than another a newcomer is to be next (BEP 3). */
const NEWCOMER_WEIGHT = 3

/**
 * Seats at most `seats` of `peers`, in turns: who is within its turn stays, then those who wait, the longest first,
 * and only then those whose turn is over. So nobody is sent away for an empty seat.
 *
 * Newcomers, who have nothing to trade yet, come before their time: until it has had a turn, each is three times as
 * likely as one who waits to be the next.
 */
export const takeTurns = (
  round: Pick<ChokeRound, 'now' | 'random'>,
  peers: ReadonlyArray<ChokePeer>,
  seats: number,
  isInTurn: (peer: ChokePeer) => boolean,
): ReadonlyArray<PeerKey> => {
  const order = turnOrder(peers)
  const waiting = order.filter((peer) => peer.amChoking)
  const seated = order.filter((peer) => !peer.amChoking).reverse()
  const inTurn = seated.filter(isInTurn)
  return [
    ...inTurn,
    ...nextInLine(round, waiting, seats - inTurn.length),
    ...seated.filter((peer) => !isInTurn(peer)),
  ]
    .slice(0, Math.max(0, seats))
    .map(({ key }) => key)
}

const nextInLine = (
  { now, random }: Pick<ChokeRound, 'now' | 'random'>,
  waiting: ReadonlyArray<ChokePeer>,
  seats: number,
): ReadonlyArray<ChokePeer> => {
  const isNewcomer = (peer: ChokePeer): boolean => !hadTurn(peer) && now - peer.connectedAt < NEWCOMER_MS
  const newcomers = waiting.filter(isNewcomer)
  const others = waiting.filter((peer) => !isNewcomer(peer))
  const next: ChokePeer[] = []
  for (let left = Math.min(seats, waiting.length); left > 0; left--) {
    const weight = NEWCOMER_WEIGHT * newcomers.length
    const queue = random() * (weight + others.length) < weight ? newcomers : others
    next.push(queue.shift()!)
  }
  return next
}
