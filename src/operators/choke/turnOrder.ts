import type { ChokePeer } from './policy.js'

/**
 * `peers` by when their last turn began, the longest ago first; one that had no turn counts from when it came.
 *
 * Several turns begin in one round. Those peers are ordered as they were seated, which is by arrival, going round: a
 * tie broken otherwise, by chance for one, lets the lucky run ahead turn by turn.
 */
export const turnOrder = (peers: ReadonlyArray<ChokePeer>): ReadonlyArray<ChokePeer> => {
  const places = peers
    .toSorted((a, b) => a.connectedAt - b.connectedAt || a.key - b.key)
    .map((peer, place) => ({ peer, place, since: hadTurn(peer) ? peer.unchokedAt : peer.connectedAt }))
    .sort((a, b) => a.since - b.since || Number(hadTurn(a.peer)) - Number(hadTurn(b.peer)))
  const order: ChokePeer[] = []
  for (let from = 0, to = 0; from < places.length; from = to) {
    const { peer, since } = places[from]!
    while (to < places.length && places[to]!.since === since && hadTurn(places[to]!.peer) === hadTurn(peer))
      to++
    for (const next of fromWidestGap(places.slice(from, to), places.length)) order.push(next.peer)
  }
  return order
}

export const hadTurn = (peer: ChokePeer): boolean => peer.unchokedAt !== -Infinity

/** Neighbours on a ring are in a row, unless the row goes over the ring's end: then it starts behind the widest gap. */
const fromWidestGap = <A extends { readonly place: number }>(
  row: ReadonlyArray<A>,
  ringLength: number,
): ReadonlyArray<A> => {
  let start = 0
  let widest = row[0]!.place + ringLength - row.at(-1)!.place
  for (let i = 1; i < row.length; i++) {
    const gap = row[i]!.place - row[i - 1]!.place
    if (gap <= widest) continue
    widest = gap
    start = i
  }
  return [...row.slice(start), ...row.slice(0, start)]
}
