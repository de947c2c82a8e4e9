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
  const isForged = url.search !== '' && ANNOUNCE_ARGUMENTS.some((name) => url.searchParams.has(name))
  return url.hostname === '' || isForged ? E.left(INVALID) : E.right({ scheme, url })
}

const INVALID: TrackerError = { _tag: 'InvalidTrackerUrl' }

/**
 * Whether a torrent may have this path asked for on our own machine, where all sorts of things listen that trust whoever
 * is on it.
 */
export const isAnnouncePath = (path: string): boolean => path.startsWith('/announce')

/** The same for scrapes. */
export const isScrapePath = (path: string): boolean => path.startsWith('/scrape') || isAnnouncePath(path)

/**
 * Where a scrape goes, by the announce URL (BEP 48): `announce` at the beginning of the last part of its path becomes
 * `scrape`. Undefined where the tracker has none.
 *
 * @example
 * ```ts
 * scrapeUrl(new URL('http://example.com/announce.php?x=1'))?.href // 'http://example.com/scrape.php?x=1'
 * ```
 */
export const scrapeUrl = (announce: URL): URL | undefined => {
  const at = announce.pathname.lastIndexOf('/') + 1
  const last = announce.pathname.slice(at)
  if (!last.startsWith('announce')) return undefined
  const url = new URL(announce)
  url.pathname = `${announce.pathname.slice(0, at)}scrape${last.slice('announce'.length)}`
  return url
}

/** Scheme, host and port of a tracker: what of its URL may be shown, since paths and queries hold passkeys. */
export const showTrackerUrl = (text: string): string =>
  E.match(
    () => 'invalid tracker URL',
    ({ scheme, url }: TrackerUrl) => `${scheme}://${url.host}`,
  )(parseTrackerUrl(text))

/** Whether two URLs share scheme, host and port: then credentials may go along. */
export const isSameOrigin = (a: URL, b: URL): boolean => a.protocol === b.protocol && a.host === b.host
