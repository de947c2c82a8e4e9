import * as O from '#fp/Option'
import { showTrackerError } from '../../codecs/showTrackerError.js'
import { plainText } from '../../codecs/plainText.js'
import { showStorageError } from '../session/showStorageError.js'
import type { SessionState } from '../session/state.js'
import { explain, type ExplainContext } from './explain.js'
import type { Reason, TrackerOutlook } from './reason.js'

/**
 * `explain` in words, one line a reason; empty while all is well. What strangers said is in it with its control
 * characters written out, and no tracker's path or query.
 *
 * @example
 * ```ts
 * explainText(state) // 'nobody is connected; trackers are asked again in 12 s'
 * ```
 */
export const explainText = (state: SessionState, context?: ExplainContext): string =>
  explain(state, context)
    .map((reason) => reasonText(reason, state.at))
    .join('\n')

/**
 * One reason in words, as of `now`, milliseconds of the session's clock. Safe to print, as `explainText` is.
 *
 * @example
 * ```ts
 * explain(state).map((reason) => reasonText(reason, state.at)) // ['paused']
 * ```
 */
export const reasonText = (reason: Reason, now: number): string => {
  switch (reason._tag) {
    case 'Queued':
      return 'waiting for its turn in the queue'
    case 'Opening':
      return 'opening the storage'
    case 'Checking':
      return `checking what is on disk, ${(100 * reason.fraction).toFixed(0)} % done`
    case 'Paused':
      return reason.isDraining ? 'pausing: the last blocks are on their way' : 'paused'
    case 'Stopped':
      return reason.isOver ? 'stopped' : 'stopping'
    case 'DiskFailed':
      return `the storage failed: ${showStorageError(reason.error)}; tried again ${inTime(reason.retryAt, now)}`
    case 'WaitingForSelection':
      return 'waiting to be told which files are wanted'
    case 'NothingWanted':
      return 'no file that is missing is wanted'
    case 'Done':
      return 'all that is wanted is here'
    case 'Connecting':
      return `nobody is connected yet: dialling ${counted(reason.dialling, 'peer')}`
    case 'NoPeers':
      return `nobody is connected${known(reason.candidates)}; ${outlookText(reason.trackers, now)}`
    case 'NoPeerHasMissing':
      return `no connected peer has what is missing: ${pieceList(reason.pieces, reason.count)}`
    case 'AllChoked':
      return reason.by === 'peers'
        ? `choked by ${all(reason.peers, 'peer')} that could give something`
        : `choking ${all(reason.peers, 'peer')} that wants something`
    case 'AllSnubbed':
      return `${all(reason.peers, 'peer')} that unchoked us went silent`
    case 'Stalled':
      return `${counted(reason.outstanding, 'block')} asked for, and none has come for a while`
    case 'DiskBusy':
      return `the disk is busy: ${counted(reason.pieces, 'piece')} to be verified and written`
    case 'NotInterested':
      return `${counted(reason.peers, 'peer')} connected, none wants anything`
    case 'Limited':
      return `${reason.direction === 'down' ? 'download' : 'upload'} held to ${String(Math.round(reason.limit))} B/s`
  }
}

const outlookText = (outlook: TrackerOutlook, now: number): string => {
  switch (outlook._tag) {
    case 'NoTrackers':
      return 'there are no trackers'
    case 'Announcing':
      return 'a tracker is being asked'
    case 'Waiting':
      return `trackers are asked ${again(outlook.nextAnnounceAt, now)}`
    case 'AllFailed':
      return `no tracker answers: ${plainText(outlook.tracker)}: ${showTrackerError(outlook.error)}; asked ${again(outlook.nextAnnounceAt, now)}`
  }
}

const again = (at: O.Option<number>, now: number): string =>
  O.match(
    () => 'no more',
    (when: number) => `again ${inTime(when, now)}`,
  )(at)

const inTime = (at: number, now: number): string =>
  `in ${String(Math.max(0, Math.ceil((at - now) / 1000)))} s`

const known = (candidates: number): string =>
  candidates === 0 ? '' : ` (${String(candidates)} known, to be dialled again)`

const counted = (count: number, noun: string): string => `${String(count)} ${noun}${count === 1 ? '' : 's'}`

const all = (count: number, noun: string): string =>
  count === 1 ? `the one ${noun}` : `each of ${counted(count, noun)}`

const pieceList = (pieces: ReadonlyArray<number>, count: number): string =>
  `${count === 1 ? 'piece' : `${String(count)} pieces,`} ${pieces.join(', ')}${count > pieces.length ? ' …' : ''}`
