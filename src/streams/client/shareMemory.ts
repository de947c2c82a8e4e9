import { type Demand, shareOut } from '../../operators/budget/shareOut.js'
import { SESSION_LIMITS } from '../../operators/session/limits.js'
import type { Member } from './member.js'

/** Requests that even a slow peer has open, and as many to come: memory that only they have is not to stop the others. */
const BLOCKS_A_PEER = 8

/**
 * Gives each session its part of the memory for pieces under way, by what it has on the way now, and tells it where that
 * is news. Who downloads alone has all of it. No share is too small to work with, even where they add up to more.
 */
export const shareMemory = (bytes: number, members: ReadonlyArray<Member>): void => {
  const needs = members.map(needOf)
  const shares = shareOut(
    bytes,
    needs.map(({ demand }) => demand),
    0,
  )
  members.forEach((member, index) => {
    tellMemory(member, Math.max(shares[index]!, needs[index]!.least))
  })
}

/** Says so only where it is news. */
export const tellMemory = (member: Pick<Member, 'memory' | 'tell'>, bytes: number): void => {
  if (!isNews(member.memory, bytes)) return
  member.memory = bytes
  member.tell({ _tag: 'SetMemory', bytes })
}

interface Need {
  readonly least: number
  readonly demand: Demand
}

const needOf = ({ state, told, pieceLength }: Member): Need => {
  let senders = 0
  let requests = 0
  for (const { amInterested, peerChoking, outstanding } of state?.peers ?? []) {
    if (amInterested && !peerChoking) senders++
    requests += outstanding
  }
  const blockLength = state?.blockLength ?? 0
  const least = SESSION_LIMITS.leastSlots * pieceLength + senders * BLOCKS_A_PEER * blockLength
  // It may have twice as much on the way next time.
  const wanted = senders === 0 ? 0 : least + 2 * requests * blockLength
  const most = told === 'paused' || state?.phase === 'seeding' ? wanted : SESSION_LIMITS.unverifiedBytes
  return { least, demand: { wanted, most } }
}

/** A quarter is not: shares move a little all the time. */
const isNews = (before: number, now: number): boolean => Math.abs(now - before) > before / 4
