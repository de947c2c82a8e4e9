import * as O from '#fp/Option'
import { askQueue } from '../../operators/queue/askQueue.js'
import type { QueueEntry, QueuePolicy } from '../../operators/queue/policy.js'
import type { SessionState } from '../../operators/session/state.js'
import { shareRatio } from '../../operators/steer/shareRatio.js'
import type { Member } from './member.js'

/**
 * Lets run whom the policy chooses, and pauses the others. Answers what was wrong with the policy's answer, if
 * anything. Sessions that do not queue are not its business, and take no place.
 */
export const runQueue = (
  policy: QueuePolicy,
  members: ReadonlyArray<Member>,
  now: number,
): string | undefined => {
  const queued = members.filter(({ isQueued, isLeaving }) => isQueued && !isLeaving)
  const { running, problem } = askQueue(policy, { now, sessions: queued.map(toEntry) })
  for (const member of queued) {
    const isRunning = running.has(member.infohash)
    if (isRunning) member.activeSince ??= now
    else member.activeSince = undefined
    setRunning(member, isRunning ? 'running' : 'paused')
  }
  return problem
}

/** Says so only where it is news. */
export const setRunning = (member: Member, desired: 'running' | 'paused'): void => {
  if (member.told === desired) return
  member.told = desired
  member.isChanged = true
  member.tell({ _tag: 'SetDesired', desired })
}

const toEntry = (member: Member): QueueEntry => {
  const { state } = member
  return {
    key: member.infohash,
    phase: state?.phase ?? 'opening',
    desired: member.desired,
    fraction: wantedFraction(state),
    downRate: state?.rates.down ?? 0,
    upRate: state?.rates.up ?? 0,
    ratio: state === undefined ? 0 : shareRatio(state),
    addedAt: member.addedAt,
    activeSince: member.activeSince,
    movedAt: member.movedAt,
    ...swarmOf(member),
  }
}

const wantedFraction = (state: SessionState | undefined): number => {
  if (state === undefined) return 0
  const { wantedBytes, wantedHaveBytes } = state.progress
  return wantedBytes === 0 ? 1 : wantedHaveBytes / wantedBytes
}

/** The most that a tracker, or our own connections, tell of. */
const swarmOf = ({ state }: Member): { readonly seeds: number; readonly leechers: number } => {
  if (state === undefined) return { seeds: 0, leechers: 0 }
  const isSeed = state.progress.isComplete
  let seeds = state.peers.filter((peer) => peer.isSeed).length
  let leechers = state.peers.length - seeds
  for (const tracker of state.trackers) {
    if (tracker.status !== 'working') continue
    // It counts us too.
    seeds = Math.max(seeds, O.getOrElse(() => 0)(tracker.seeders) - (isSeed ? 1 : 0))
    leechers = Math.max(leechers, O.getOrElse(() => 0)(tracker.leechers) - (isSeed ? 0 : 1))
  }
  return { seeds, leechers }
}
