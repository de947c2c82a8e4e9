import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { CandidateSource, CandidateState, DialCandidate } from './policy.js'

/** How many of those that are due a policy gets to see. */
const VIEW = 256
/** The wait after a useful connection and after a first failure; each further failure doubles it. */
const FIRST_BACKOFF_MS = 5_000
const MAX_BACKOFF_MS = 600_000
/** Failures in a row after which an address is forgotten, unless the user gave it. */
const MAX_FAILURES = 8
/** Own addresses remembered. A peer can claim our id, so they must not pile up. */
const MAX_SELVES = 64

interface Candidate extends DialCandidate {
  readonly key: string
  /** As a state shows it, while that is still true. */
  view: CandidateState | undefined
  source: CandidateSource
  failures: number
  lastTriedAt: number
  /** The earliest next dial; counts while idle. */
  dueAt: number
}

/**
 * The addresses that a session may dial, and how dialling them went. Those that are neither being dialled nor
 * connected are *idle*, in pools from which a dial takes the best and an overflow the worst without a search.
 *
 * Mutable, for one owner; written only through the functions of this file.
 */
export interface Candidates {
  readonly limit: number
  readonly all: Map<string, Candidate>
  /** Idle ones of the user's: never forgotten for failures, never evicted. */
  readonly manual: Set<Candidate>
  /** The other idle ones, by failures: up to as many as anybody has had. */
  readonly byFailures: Set<Candidate>[]
  /** Addresses that turned out to be our own. */
  readonly selves: Set<string>
  /** Nobody idle is due before this. */
  nextDueAt: number
  /** All of them for a state, while that is still true. */
  view: ReadonlyArray<CandidateState> | undefined
}

/** What a connection, or the attempt, came to. */
export type DialOutcome =
  /** Payload went over it: dial it again soon. */
  | 'useful'
  | 'failed'
  /** There was no connection to spare: it was not dialled after all. */
  | 'untried'
  /** The other end was ourselves: never again. */
  | 'self'
  /** Banned, or connected the other way round: forgotten until somebody names it again. */
  | 'unwanted'
  /** Of no use as things are: kept, and not dialled before `wakeCandidates`. */
  | 'asleep'

const NOBODY: ReadonlyArray<DialCandidate> = []

const keyOf = ({ host, port }: PeerAddress): string => `${host} ${String(port)}`

/** An empty table that holds `limit` addresses. */
export const createCandidates = (limit = 3_000): Candidates => ({
  limit,
  all: new Map(),
  manual: new Set(),
  byFailures: [],
  selves: new Set(),
  nextDueAt: Infinity,
  view: undefined,
})

/**
 * Takes an address in; it is due at once. A full table makes room by evicting the address that failed most often, or one
 * that is asleep, or for one of the user's any other; where that leaves nobody, the newcomer is refused: a flood of addresses does not
 * wash away those that nobody has tried.
 *
 * A known address stays as it is, but one that the user gives (again) becomes his and is due at once.
 *
 * @returns whether the address is new.
 */
export const addCandidate = (
  c: Candidates,
  address: PeerAddress,
  source: CandidateSource,
  now: number,
): boolean => {
  const { host, port } = address
  const key = keyOf(address)
  if (host === '' || !Number.isInteger(port) || port < 1 || port > 0xffff || c.selves.has(key)) return false
  const known = c.all.get(key)
  if (known !== undefined) {
    if (source === 'manual') adopt(c, known, now)
    return false
  }
  if (c.all.size >= c.limit && !makeRoom(c, source)) return false
  const added: Candidate = {
    host,
    port,
    key,
    source,
    failures: 0,
    lastTriedAt: -Infinity,
    dueAt: now,
    view: undefined,
  }
  c.all.set(key, added)
  c.view = undefined
  rest(c, added, now)
  return true
}

/**
 * Who may be dialled now: all that are due, or 256 of them, the user's first, then by failures. The entries are live:
 * they change with the table.
 *
 * Free while nobody is due; otherwise one pass over the idle ones at most.
 */
export const dialable = (c: Candidates, now: number): ReadonlyArray<DialCandidate> => {
  if (now < c.nextDueAt) return NOBODY
  const view: Candidate[] = []
  let next = collectDue(c.manual, now, view)
  for (const pool of c.byFailures) next = Math.min(next, collectDue(pool, now, view))
  c.nextDueAt = view.length > 0 ? -Infinity : next
  return view
}

/** What is known of an address, due or not. */
export const knownCandidate = (c: Candidates, address: PeerAddress): DialCandidate | undefined =>
  c.all.get(keyOf(address))

/** A dial is under way: the address is not idle any more. */
export const markDialling = (c: Candidates, address: PeerAddress, now: number): void => {
  const candidate = c.all.get(keyOf(address))
  if (candidate === undefined) return
  poolOf(c, candidate).delete(candidate)
  candidate.lastTriedAt = now
}

/** The peer behind the address is connected, whoever dialled. */
export const markConnected = markDialling

/** The connection is over, or never came to be. Unknown addresses do not matter. */
export const markClosed = (c: Candidates, address: PeerAddress, now: number, outcome: DialOutcome): void => {
  const key = keyOf(address)
  if (outcome === 'self') rememberSelf(c, key)
  const candidate = c.all.get(key)
  if (candidate === undefined) return
  poolOf(c, candidate).delete(candidate)
  const failures =
    outcome === 'useful' || outcome === 'asleep' ? 0 : candidate.failures + (outcome === 'failed' ? 1 : 0)
  const isHopeless = failures >= MAX_FAILURES && candidate.source !== 'manual'
  if (outcome === 'self' || outcome === 'unwanted' || isHopeless) {
    c.all.delete(key)
    c.view = undefined
    return
  }
  if (failures !== candidate.failures) changed(c, candidate)
  candidate.failures = failures
  candidate.lastTriedAt = now
  const backoff = Math.min(FIRST_BACKOFF_MS * 2 ** Math.max(0, failures - 1), MAX_BACKOFF_MS)
  rest(c, candidate, outcome === 'asleep' ? Infinity : now + backoff)
}

/** Things have changed: whoever was of no use may be dialled at once. */
export const wakeCandidates = (c: Candidates, now: number): void => {
  for (const pool of [c.manual, ...c.byFailures]) {
    for (const candidate of pool) if (candidate.dueAt === Infinity) candidate.dueAt = now
  }
  c.nextDueAt = -Infinity
}

/** Known addresses, those being dialled or connected among them. The same array as long as nothing changes. */
export const candidateStates = (c: Candidates): ReadonlyArray<CandidateState> =>
  (c.view ??= Array.from(c.all.values(), toState))

const toState = (candidate: Candidate): CandidateState => {
  const { host, port, source, failures } = candidate
  return (candidate.view ??= { host, port, source, failures })
}

const changed = (c: Candidates, candidate: Candidate): void => {
  candidate.view = undefined
  c.view = undefined
}

const poolOf = (c: Candidates, { source, failures }: Candidate): Set<Candidate> => {
  if (source === 'manual') return c.manual
  while (c.byFailures.length <= failures) c.byFailures.push(new Set())
  return c.byFailures[failures]!
}

/** Idle from now on, and due at `dueAt`. */
const rest = (c: Candidates, candidate: Candidate, dueAt: number): void => {
  candidate.dueAt = dueAt
  poolOf(c, candidate).add(candidate)
  c.nextDueAt = Math.min(c.nextDueAt, dueAt)
}

const adopt = (c: Candidates, candidate: Candidate, now: number): void => {
  const wasIdle = poolOf(c, candidate).delete(candidate)
  if (candidate.source !== 'manual') changed(c, candidate)
  candidate.source = 'manual'
  if (wasIdle) rest(c, candidate, now)
}

const makeRoom = (c: Candidates, source: CandidateSource): boolean =>
  evict(c, 1) || evictAsleep(c) || (source === 'manual' && evict(c, 0))

/** Forgets an idle address with as many failures as there are, `fewest` at least, the longest at rest first. */
const evict = (c: Candidates, fewest: number): boolean => {
  for (let failures = c.byFailures.length - 1; failures >= fewest; failures--) {
    for (const candidate of c.byFailures[failures]!) {
      forget(c, candidate)
      return true
    }
  }
  return false
}

/** It is of no use now, and may never be. */
const evictAsleep = (c: Candidates): boolean => {
  for (const candidate of c.byFailures[0] ?? []) {
    if (candidate.dueAt !== Infinity) continue
    forget(c, candidate)
    return true
  }
  return false
}

const forget = (c: Candidates, candidate: Candidate): void => {
  poolOf(c, candidate).delete(candidate)
  c.all.delete(candidate.key)
  c.view = undefined
}

/** Adds those that are due to `view` until it is full; answers when the next one is, of those it saw. */
const collectDue = (pool: ReadonlySet<Candidate>, now: number, view: Candidate[]): number => {
  let next = Infinity
  for (const candidate of pool) {
    if (view.length === VIEW) break
    if (candidate.dueAt <= now) view.push(candidate)
    else next = Math.min(next, candidate.dueAt)
  }
  return next
}

const rememberSelf = (c: Candidates, key: string): void => {
  c.selves.add(key)
  for (const oldest of c.selves) {
    if (c.selves.size <= MAX_SELVES) return
    c.selves.delete(oldest)
  }
}
