import * as O from '#fp/Option'
import type { Totals } from '../../operators/session/state.js'
import {
  addTotals,
  type ClientState,
  type ClientTotals,
  type FetchingMagnet,
  keepSame,
  type SessionSummary,
  summarise,
} from './clientState.js'
import type { Member } from './member.js'

/** What a picture of the client is taken of. */
export interface ClientParts {
  readonly members: ReadonlyMap<string, Member>
  /** The same map while nothing changes. */
  readonly fetching: ReadonlyMap<string, FetchingMagnet>
  readonly port: number | undefined
  /** Of the sessions that have left. */
  readonly gone: Totals
}

/** Takes pictures of a client; what did not change since the last one keeps its identity. */
export const createClientStates = (): ((parts: ClientParts) => ClientState) => {
  let last: ClientState | undefined
  return ({ members, fetching, port, gone }) => {
    const sessions = new Map<string, SessionSummary>()
    for (const [infohash, member] of members) sessions.set(infohash, summaryOf(member))
    const totals = keepSame(last?.totals, totalsOf(members, gone))
    const isSamePort = last !== undefined && O.toUndefined(last.port) === port
    const next: ClientState = {
      port: isSamePort && last !== undefined ? last.port : O.fromNullable(port),
      sessions: last !== undefined && sameMap(last.sessions, sessions) ? last.sessions : sessions,
      fetching,
      totals,
    }
    last = keepSame(last, next)
    return last
  }
}

const summaryOf = (member: Member): SessionSummary => {
  if (member.summary !== undefined && !member.isChanged) return member.summary
  const { infohash, session, state, isQueued, told } = member
  const queue = !isQueued ? 'none' : told === 'running' ? 'running' : 'waiting'
  member.summary = keepSame(member.summary, summarise(infohash, session.metainfo.name, queue, state))
  member.isChanged = false
  return member.summary
}

const totalsOf = (members: ReadonlyMap<string, Member>, gone: Totals): ClientTotals => {
  let totals = gone
  let peers = 0
  let down = 0
  let up = 0
  for (const { state } of members.values()) {
    if (state === undefined) continue
    totals = addTotals(totals, state.totals)
    peers += state.peers.length
    down += state.rates.down
    up += state.rates.up
  }
  return { ...totals, sessions: members.size, peers, down, up }
}

const sameMap = <K, V>(a: ReadonlyMap<K, V>, b: ReadonlyMap<K, V>): boolean => {
  if (a.size !== b.size) return false
  const before = a.entries()
  for (const [key, value] of b) {
    const entry = before.next().value
    if (entry === undefined || entry[0] !== key || entry[1] !== value) return false
  }
  return true
}
