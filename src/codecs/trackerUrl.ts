import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { TrackerError } from './trackerError.js'

/** A tracker's address, in parts. */
export interface TrackerUrl {
  readonly scheme: 'http' | 'https' | 'udp'
  /** Normalised. Holds secrets (passkeys, passwords): not for logs, see `showTrackerUrl`. */
  readonly url: URL
}

const SCHEME = /^([a-z][a-z0-9+.-]*):/i
const AUTHORITY = /^[a-z]+:\/\/(?:[^/?#@]*@)?(?:\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?(?:[/?#]|$)/i
const PRINTABLE_ASCII = /^[\x21-\x7e]+$/

/** Arguments that an announce sets itself; a URL that brings its own aims at something that is not a tracker. */
const ANNOUNCE_ARGUMENTS: readonly string[] = [
  'info_hash',
  'peer_id',
  'port',
  'key',
  'event',
  'uploaded',
  'downloaded',
  'left',
  'corrupt',
]

/**
 * Reads an announce URL as a torrent gives it. Only ASCII without spaces, a plain host name or address, and the schemes
 * `http`, `https` and `udp`; a query that already has announce arguments is refused.
 */
export const parseTrackerUrl = (text: string): Either<TrackerError, TrackerUrl> => {
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined || !PRINTABLE_ASCII.test(text)) return E.left(INVALID)
  if (scheme !== 'http' && scheme !== 'https' && scheme !== 'udp') {
    return E.left({ _tag: 'UnsupportedTracker', scheme: scheme.slice(0, 32) })
  }
  if (!AUTHORITY.test(text) || !URL.canParse(text)) return E.left(INVALID)
  const url = new URL(text)
  const isForged = ANNOUNCE_ARGUMENTS.some((name) => url.searchParams.has(name))
  return url.hostname === '' || isForged ? E.left(INVALID) : E.right({ scheme, url })
}

const INVALID: TrackerError = { _tag: 'InvalidTrackerUrl' }

/** Scheme, host and port of a tracker: what of its URL may be shown, since paths and queries hold passkeys. */
export const showTrackerUrl = (text: string): string =>
  E.match(
    () => 'invalid tracker URL',
    ({ scheme, url }: TrackerUrl) => `${scheme}://${url.host}`,
  )(parseTrackerUrl(text))

/** Whether two URLs share scheme, host and port: then credentials may go along. */
export const isSameOrigin = (a: URL, b: URL): boolean => a.protocol === b.protocol && a.host === b.host
