import * as O from '#fp/Option'
import type { MetadataReason } from './reason.js'
import type { MetadataProgress } from './state.js'

type Seen = Pick<MetadataProgress, 'peers' | 'candidates' | 'trackers' | 'wrong'>

/** Follows from what a state shows, and from whether somebody else looks for peers. */
export const metadataReasons = (seen: Seen, hasSources: boolean): ReadonlyArray<MetadataReason> => [
  ...(seen.wrong > 0 ? [{ _tag: 'MetadataWrong', times: seen.wrong } as const] : []),
  ...peerReasons(seen, hasSources),
]

const peerReasons = (
  { peers, candidates, trackers }: Seen,
  hasSources: boolean,
): ReadonlyArray<MetadataReason> => {
  if (peers.length === 0) {
    if (candidates > 0) return [{ _tag: 'NoPeerConnected', candidates }]
    if (trackers.length === 0 && !hasSources) return [{ _tag: 'NobodyToAsk' }]
    const failed = trackers.filter(({ status }) => status === 'failed').length
    return [{ _tag: 'NoPeersKnown', trackers: trackers.length, failed }]
  }
  const holders = peers.filter(({ size }) => O.isSome(size))
  if (holders.length === 0) return [{ _tag: 'PeersLackMetadata', peers: peers.length }]
  return holders.every(({ isResting }) => isResting) ? [{ _tag: 'PeersRefuse', peers: holders.length }] : []
}

/** One line for a person. */
export const metadataReasonText = (reason: MetadataReason): string => {
  switch (reason._tag) {
    case 'NobodyToAsk':
      return 'no tracker in this link and no peer: nobody to ask'
    case 'NoPeersKnown':
      return reason.failed > 0
        ? `no peers known; ${String(reason.failed)} of ${count(reason.trackers, 'tracker')} failed`
        : 'no peers known yet'
    case 'NoPeerConnected':
      return `none of ${count(reason.candidates, 'known peer')} has answered yet`
    case 'PeersLackMetadata':
      return `${count(reason.peers, 'peer')} connected, without metadata so far`
    case 'PeersRefuse':
      return `${count(reason.peers, 'peer')} with metadata, and none sends it`
    case 'MetadataWrong':
      return `metadata came and was wrong ${count(reason.times, 'time')}; its senders are asked one by one`
  }
}

const count = (number: number, noun: string): string => `${String(number)} ${noun}${number === 1 ? '' : 's'}`
