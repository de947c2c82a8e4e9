import type { AnnounceRequest } from './announce.js'
import { toUtf8 } from './bytes.js'

/**
 * The URL of one HTTP announce (BEP 3, 7, 23): `trackerUrl` with the request in its query, behind whatever it had there
 * already. A fragment is dropped; userinfo stays.
 */
export const announceUrl = (trackerUrl: URL, request: AnnounceRequest): URL => {
  const url = new URL(trackerUrl)
  url.hash = ''
  addQuery(url, announceQuery(request))
  return url
}

/** The URL of a scrape of these torrents (BEP 48), given where the tracker has it. */
export const withInfohashes = (scrape: URL, infohashes: ReadonlyArray<Uint8Array>): URL => {
  const url = new URL(scrape)
  url.hash = ''
  addQuery(url, infohashes.map((infohash) => `info_hash=${percentEncode(infohash)}`).join('&'))
  return url
}

/** As text: `searchParams` would write bytes above 0x7f as UTF-8. */
const addQuery = (url: URL, query: string): void => {
  url.search = url.search === '' ? query : `${url.search}&${query}`
}

/** The arguments of an announce, percent-encoded, joined by `&`. */
export const announceQuery = (request: AnnounceRequest): string => {
  const { event, trackerId } = request
  const fields = [
    `info_hash=${percentEncode(request.infohash)}`,
    `peer_id=${percentEncode(request.peerId)}`,
    `port=${String(request.port)}`,
    `uploaded=${String(request.uploaded)}`,
    `downloaded=${String(request.downloaded)}`,
    `left=${String(request.left)}`,
    'compact=1',
    'no_peer_id=1',
    `numwant=${String(request.numWant)}`,
    `key=${(request.key >>> 0).toString(16).toUpperCase().padStart(8, '0')}`,
  ]
  if (event !== undefined) fields.push(`event=${event}`)
  if (trackerId !== undefined) fields.push(`trackerid=${percentEncode(toUtf8(trackerId))}`)
  return fields.join('&')
}

/** Every byte but RFC 3986's unreserved ones as `%xx`. */
export const percentEncode = (bytes: Uint8Array): string => {
  let out = ''
  for (const byte of bytes) {
    const character = String.fromCharCode(byte)
    out += UNRESERVED.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return out
}

const UNRESERVED = /[A-Za-z0-9_.~-]/
