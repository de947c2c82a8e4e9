/**
 * A piece policy of one's own: the first and the last pieces of a film come first, so that a player can read its
 * header and index; then the rest, rarest first.
 *
 * Runs in virtual time, without a network: what it prints is the order in which the pieces came.
 */
import {
  defaultPolicies,
  orElse,
  restrictTo,
  sequential,
  type PiecePolicy,
  type SessionOptions,
} from 'rxtorrent'
import { createSwarm } from 'rxtorrent/testing'
import { virtualTorrent } from './support/virtualTorrent.js'

const pieceCount = 40

/** Two pieces at either end, in order; no answer once they are had or begun. */
const endsFirst: PiecePolicy = restrictTo((piece) => piece < 2 || piece >= pieceCount - 2)(sequential)

const film: PiecePolicy = orElse(defaultPolicies.piece)(endsFirst)

const orderWith = (piece: PiecePolicy): ReadonlyArray<number> => {
  const { metainfo, content } = virtualTorrent(pieceCount, 65_536)
  const swarm = createSwarm({
    seed: 1,
    metainfo,
    content,
    seeds: 1,
    leechers: 1,
    network: { latencyMs: 20, link: { up: 500_000 } },
    options: (member): SessionOptions => (member === 0 ? {} : { policies: { piece } }),
  })
  if (!swarm.runUntilComplete(60_000)) throw new Error('the swarm did not complete')
  const order = swarm.members[1]!.notices.flatMap((notice) =>
    notice._tag === 'PieceDone' ? [notice.piece] : [],
  )
  swarm.end()
  return order
}

const usual = orderWith(defaultPolicies.piece)
const ours = orderWith(film)
console.log('default:   ', usual.join(' '))
console.log('ends first:', ours.join(' '))

const firstFour = ours.slice(0, 4).toSorted((a, b) => a - b)
if (firstFour.join() !== [0, 1, pieceCount - 2, pieceCount - 1].join()) {
  throw new Error('the ends did not come first')
}
