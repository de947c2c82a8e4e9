import type { ChokePeer, ChokePolicy, ChokeRound } from '../../../src/operators/choke/policy.js'
import { createPrng } from '../../../src/operators/random.js'

/** A choked, interested peer that came at time 0 and has given nothing yet. */
export const chokePeer = (key: number, traits: Partial<ChokePeer> = {}): ChokePeer => ({
  key,
  peerInterested: true,
  amInterested: true,
  amChoking: true,
  isSnubbed: false,
  isSeed: false,
  fraction: 0,
  downRate: 0,
  upRate: 0,
  connectedAt: 0,
  unchokedAt: -Infinity,
  uploadedSinceUnchoke: 0,
  ...traits,
})

export const chokeRound = (
  peers: ReadonlyArray<ChokePeer>,
  traits: Partial<ChokeRound> = {},
): ChokeRound => ({
  now: 1_000_000,
  isSeeding: false,
  slots: 4,
  peers,
  random: () => 0.5,
  ...traits,
})

interface Rounds {
  /** When each round is held. */
  readonly at: ReadonlyArray<number>
  readonly slots: number
  readonly isSeeding?: boolean
  readonly seed?: number
  /** Who is there, and what it is like, at a round; what is left out is as in `chokePeer`. */
  readonly peers: (now: number) => ReadonlyArray<Partial<ChokePeer> & { readonly key: number }>
  /** What an unchoked peer takes, bytes per second. */
  readonly upRate?: (key: number) => number
  readonly onRound?: (unchoked: ReadonlySet<number>, now: number) => void
}

/** Rounds at `0, 10 s, 20 s …` for so many minutes. */
export const everyTenSeconds = (minutes: number): ReadonlyArray<number> =>
  Array.from({ length: minutes * 6 }, (_, round) => round * 10_000)

/** Holds the rounds as the engine does; answers for how many milliseconds each peer was unchoked. */
export const holdRounds = (policy: ChokePolicy, rounds: Rounds): ReadonlyMap<number, number> => {
  const random = createPrng(rounds.seed ?? 1).next
  const unchokedAt = new Map<number, number>()
  const time = new Map<number, number>()
  let unchoked: ReadonlySet<number> = new Set()
  let last = rounds.at[0] ?? 0
  for (const now of [...rounds.at, (rounds.at.at(-1) ?? 0) + 10_000]) {
    for (const key of unchoked) time.set(key, (time.get(key) ?? 0) + now - last)
    last = now
    const peers = rounds.peers(now).map((traits) => {
      const since = unchokedAt.get(traits.key) ?? -Infinity
      const amChoking = !unchoked.has(traits.key)
      const sent = amChoking ? 0 : ((rounds.upRate?.(traits.key) ?? 0) * (now - since)) / 1_000
      return chokePeer(traits.key, { amChoking, unchokedAt: since, uploadedSinceUnchoke: sent, ...traits })
    })
    const chosen = policy({ now, isSeeding: rounds.isSeeding ?? false, slots: rounds.slots, peers, random })
    for (const key of chosen) if (!unchoked.has(key)) unchokedAt.set(key, now)
    unchoked = chosen
    rounds.onRound?.(chosen, now)
  }
  return time
}
