import * as O from '#fp/Option'
import { toHex } from '../../codecs/bytes.js'
import { plainText } from '../../codecs/plainText.js'
import { showAddress } from '../../codecs/showAddress.js'
import { showTrackerError } from '../../codecs/showTrackerError.js'
import { showTrackerUrl } from '../../codecs/trackerUrl.js'
import { explainText } from '../explain/explainText.js'
import type { PeerState, SessionState } from '../session/state.js'
import { pieceStatus } from '../session/state.js'
import type { TrackerState } from '../tracker/tiers.js'

export interface ShowOptions {
  /** Each peer, each piece and the bitfield too. */
  readonly verbose?: boolean
}

/**
 * A state as text to read, in lines. The same state gives the same text; what strangers said is in it with its control
 * characters written out, and trackers are cut to scheme and host: it can go to a log as it is.
 *
 * @example
 * ```ts
 * console.log(show(state, { verbose: true }))
 * ```
 */
export const show = (state: SessionState, { verbose = false }: ShowOptions = {}): string =>
  [
    line(
      'phase',
      state.phase +
        O.match(
          () => '',
          (port: number) => `, port ${String(port)}`,
        )(state.port),
    ),
    line('progress', progressText(state)),
    line('rates', ratesText(state)),
    ...Object.entries(state.totals).map(([name, bytes]) => line(words(name), `${String(bytes)} bytes`)),
    line(
      'peers',
      `${String(state.peers.length)} connected, ${String(state.dialling)} dialled, ${String(state.candidates.length)} known`,
    ),
    ...(verbose ? [...state.peers].sort((a, b) => a.key - b.key).map(peerText) : []),
    line('trackers', String(state.trackers.length)),
    ...state.trackers.map((tracker) => trackerText(tracker, state.at)),
    ...(verbose ? [line('bitfield', toHex(state.bitfield.bytes)), line('pieces', piecesText(state))] : []),
    ...explainText(state)
      .split('\n')
      .filter((text) => text !== '')
      .map((text) => line('why', text)),
  ].join('\n')

const line = (name: string, text: string): string => `${name.padEnd(12)}${text}`.trimEnd()

/** `wireDown` as `wire down`. */
const words = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

const progressText = ({ progress }: SessionState): string => {
  const { havePieces, pieceCount, haveBytes, totalBytes, fraction, checked } = progress
  const looked = O.match(
    () => '',
    (share: number) => `, ${percent(share)} checked`,
  )(checked)
  const end = progress.isComplete ? ', complete' : ''
  return `${String(havePieces)} of ${String(pieceCount)} pieces, ${String(haveBytes)} of ${String(totalBytes)} bytes, ${percent(fraction)}${looked}${end}`
}

/** Never 100.0 % before it is. */
const percent = (share: number): string => `${(Math.floor(1000 * share) / 10).toFixed(1)} %`

const ratesText = ({ rates, limits }: SessionState): string => {
  const eta = O.match(
    () => '',
    (seconds: number) => `, done in ${String(Math.ceil(seconds))} s`,
  )(rates.eta)
  return `down ${speed(rates.down, limits.down)}, up ${speed(rates.up, limits.up)}${eta}`
}

const speed = (rate: number, limit: number): string =>
  `${String(Math.round(rate))} B/s${limit === Infinity ? '' : ` (at most ${String(Math.round(limit))})`}`

/** The flags tell who chokes and wants whom, in the four words of BEP 3. */
const peerText = (peer: PeerState): string => {
  const flags = (
    [
      'amChoking',
      'amInterested',
      'peerChoking',
      'peerInterested',
      'isSnubbed',
      'isSeed',
      'isEncrypted',
    ] as const
  )
    .filter((flag) => peer[flag])
    .map((flag) => ` ${flag}`)
    .join('')
  const address = plainText(showAddress(peer))
  return `  #${String(peer.key)} ${address} ${peer.direction} "${plainText(peer.client)}" ${percent(peer.fraction)}, down ${speed(peer.downRate, Infinity)} of ${String(peer.downloaded)} bytes, up ${speed(peer.upRate, Infinity)} of ${String(peer.uploaded)} bytes, ${String(peer.outstanding)} asked${flags}`
}

const trackerText = (tracker: TrackerState, now: number): string => {
  const { tier, url, status, lastError, seeders, leechers, nextAnnounceAt, peersReceived } = tracker
  const counts = [
    O.match(
      () => '',
      (count: number) => `, ${String(count)} seeders`,
    )(seeders),
    O.match(
      () => '',
      (count: number) => `, ${String(count)} leechers`,
    )(leechers),
    `, ${String(peersReceived)} peers received`,
  ].join('')
  const next = O.match(
    () => '',
    (at: number) => `, next in ${String(Math.max(0, Math.ceil((at - now) / 1000)))} s`,
  )(nextAnnounceAt)
  const problem = O.isSome(lastError) ? `: ${showTrackerError(lastError.value)}` : ''
  return `  tier ${String(tier)} ${plainText(showTrackerUrl(url))} ${status}${counts}${next}${problem}`
}

const STATUS_NAMES = Object.entries(pieceStatus)

/** Runs of pieces with one status: `0-11 have, 12 partial, 13-39 missing`. */
const piecesText = ({ pieces: { status } }: SessionState): string => {
  const runs: string[] = []
  for (let first = 0; first < status.length;) {
    let next = first + 1
    while (next < status.length && status[next] === status[first]) next++
    const name = STATUS_NAMES.find(([, value]) => value === status[first])?.[0] ?? 'unknown'
    runs.push(`${String(first)}${next - first > 1 ? `-${String(next - 1)}` : ''} ${name}`)
    first = next
  }
  return runs.join(', ')
}
