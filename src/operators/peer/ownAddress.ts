import { isGlobalUnicast } from '../../codecs/ipAddress.js'

/** Who has a say at a time; the oldest say is forgotten for a new one. */
const MAX_VOTERS = 64
/** Fewer than these could be one liar and his friend. */
const QUORUM = 3

/**
 * What others say our address on the internet is: peers by `yourip` (BEP 10), trackers by `external ip` (BEP 24). Each
 * host has one say, and none is believed alone.
 *
 * Mutable, for one owner; written only through the functions of this file.
 */
export interface AddressVotes {
  /** Who said what, the latest last. */
  readonly byVoter: Map<string, string>
  /** What most agree on; undefined while too few do. */
  winner: string | undefined
}

export const createAddressVotes = (): AddressVotes => ({ byVoter: new Map(), winner: undefined })

/** `voter` saw us as `host`; an address that is not of the internet says nothing. */
export const voteAddress = (votes: AddressVotes, voter: string, host: string): void => {
  if (!isGlobalUnicast(host)) return
  const { byVoter } = votes
  byVoter.delete(voter)
  byVoter.set(voter, host)
  for (const oldest of byVoter.keys()) {
    if (byVoter.size <= MAX_VOTERS) break
    byVoter.delete(oldest)
  }
  votes.winner = majority([...byVoter.values()])
}

const majority = (hosts: ReadonlyArray<string>): string | undefined => {
  const counts = new Map<string, number>()
  for (const host of hosts) counts.set(host, (counts.get(host) ?? 0) + 1)
  for (const [host, count] of counts) if (count >= QUORUM && 2 * count > hosts.length) return host
  return undefined
}
