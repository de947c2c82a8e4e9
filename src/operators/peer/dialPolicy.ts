import type { PeerAddress } from '../../codecs/peerAddress.js'
import { pipe } from '#fp/function'
import * as O from '#fp/Option'
import { canonicalPriority } from './canonicalPriority.js'
import type { CandidateSource, DialCandidate, DialContext, PeerPolicy } from './policy.js'

/**
 * The fewest failures first, then who was never tried, then by where they came from, the user's own before all.
 * Equals by
 * their canonical priority (BEP 40) once our own address is known, else by chance, so that the peers of a swarm do not
 * all dial the same few.
 */
export const defaultDial: PeerPolicy = (ctx) =>
  ctx.candidates
    .map((candidate) => ({ candidate, priority: priorityIn(ctx, candidate), chance: ctx.random() }))
    .sort((a, b) => compare(a.candidate, b.candidate) || b.priority - a.priority || a.chance - b.chance)
    .slice(0, Math.max(0, ctx.room))
    .map(({ candidate }): PeerAddress => candidate)

/** 0 where it cannot be known: behind all for which it can. */
const priorityIn = ({ ownAddress }: DialContext, candidate: DialCandidate): number =>
  pipe(
    ownAddress,
    O.chain((own) => canonicalPriority(own, candidate)),
    O.getOrElse(() => 0),
  )

const compare = (a: DialCandidate, b: DialCandidate): number =>
  a.failures - b.failures || tried(a) - tried(b) || SOURCE_RANK[a.source] - SOURCE_RANK[b.source]

const tried = (candidate: DialCandidate): number => (candidate.lastTriedAt === -Infinity ? 0 : 1)

/** The nearer, the better to reach; what peers say of others is the least trustworthy. */
const SOURCE_RANK: Readonly<Record<CandidateSource, number>> = {
  manual: 0,
  lsd: 1,
  other: 2,
  webSeed: 3,
  tracker: 4,
  resume: 5,
  dht: 6,
  pex: 7,
}
