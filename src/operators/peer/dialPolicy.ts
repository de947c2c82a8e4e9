import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { DialCandidate, PeerPolicy } from './policy.js'

/**
 * The fewest failures first, then who was never tried, then the user's own addresses before a tracker's; equals by
 * chance, so that the peers of a swarm do not all dial the same few.
 */
export const defaultDial: PeerPolicy = ({ candidates, room, random }) =>
  candidates
    .map((candidate) => ({ candidate, chance: random() }))
    .sort((a, b) => compare(a.candidate, b.candidate) || a.chance - b.chance)
    .slice(0, Math.max(0, room))
    .map(({ candidate }): PeerAddress => candidate)

const compare = (a: DialCandidate, b: DialCandidate): number =>
  a.failures - b.failures || tried(a) - tried(b) || SOURCE_RANK[a.source] - SOURCE_RANK[b.source]

const tried = (candidate: DialCandidate): number => (candidate.lastTriedAt === -Infinity ? 0 : 1)

const SOURCE_RANK = { manual: 0, tracker: 1, resume: 2, incoming: 3 } as const
