import * as E from '#fp/Either'
import * as O from '#fp/Option'
import type { BencodeDict, BencodeValue } from '../bencode.js'
import { isBencodeList, isBencodeString } from '../bencode.js'
import { fromUtf8 } from '../bytes.js'
import { ipScope, parseIp } from '../ipAddress.js'
import { MAX_NODES, MAX_TRACKERS, MAX_URL_LENGTH, MAX_WEB_SEEDS } from '../limits.js'
import type { Metainfo } from '../metainfoModel.js'
import { parseTrackerUrl } from '../trackerUrl.js'

// Where a torrent says that more is to be had. Entries that cannot be used are left out, whatever they are: nothing
// here is worth refusing a torrent for.

/** Tiers of `announce-list` (BEP 12), or of `announce` where that has none. */
export const readTrackers = (root: BencodeDict): ReadonlyArray<ReadonlyArray<string>> => {
  let room = MAX_TRACKERS
  const tiers = listOf(root.get('announce-list')).map((tier) => {
    const urls = listOf(tier).slice(0, room).flatMap(urlOf).filter(isTracker)
    room -= urls.length
    return urls
  })
  const filled = tiers.filter((tier) => tier.length > 0)
  const single = urlOf(root.get('announce')).filter(isTracker)
  return filled.length > 0 || single.length === 0 ? filled : [single]
}

/**
 * `url-list` (BEP 19) or `httpseeds` (BEP 17): one URL or a list of them; without duplicates, percent-encoded. Those of
 * a torrent with several files lead to a folder (`isFolder`) and get the slash at the end that many lack.
 */
export const readWebSeeds = (value: BencodeValue | undefined, isFolder: boolean): ReadonlyArray<string> => {
  const urls = isBencodeString(value) ? [value] : listOf(value)
  const seeds = urls
    .slice(0, MAX_WEB_SEEDS)
    .flatMap(urlOf)
    .flatMap((url) => webSeed(url, isFolder))
  return [...new Set(seeds)]
}

/** DHT nodes (BEP 5) with an address or host name and a port. */
export const readNodes = (value: BencodeValue | undefined): Metainfo['nodes'] =>
  listOf(value)
    .slice(0, MAX_NODES)
    .flatMap((node) => {
      const [address, port] = listOf(node)
      const host = isBencodeString(address) ? fromUtf8(address) : ''
      const isUsable = typeof port === 'number' && port > 0 && port < 65_536 && isHost(host)
      return isUsable ? [{ host, port }] : []
    })

const listOf = (value: BencodeValue | undefined): ReadonlyArray<BencodeValue> =>
  isBencodeList(value) ? value : []

/** Text of a URL without the white space around it; none or one. */
const urlOf = (value: BencodeValue | undefined): ReadonlyArray<string> => {
  if (!isBencodeString(value) || value.length > MAX_URL_LENGTH) return []
  const text = fromUtf8(value).trim()
  return CONTROL_CHARACTER.test(text) ? [] : [text]
}

/** Whether a URL can be one of a tracker, of whatever kind. */
export const isTracker = (url: string): boolean => {
  const parsed = parseTrackerUrl(url)
  return E.isRight(parsed)
    ? parsed.right.url.port !== '0'
    : parsed.left._tag === 'UnsupportedTracker' && ['ws', 'wss'].includes(parsed.left.scheme)
}

/** The URL of a web seed in its normal form; none or one. */
export const webSeed = (text: string, isFolder: boolean): ReadonlyArray<string> => {
  if (!URL.canParse(text)) return []
  const url = new URL(text)
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:'
  if (!isWeb || url.port === '0' || url.username !== '' || url.password !== '') return []
  // A query to a machine of the local network is aimed at a service there, not at a file.
  if (url.search !== '' && isLocal(url.hostname)) return []
  if (isFolder && !url.pathname.endsWith('/')) url.pathname += '/'
  return [url.href]
}

const isLocal = (hostname: string): boolean => {
  const ip = parseIp(hostname.replace(/^\[|\]$/g, ''))
  return hostname === 'localhost' || (O.isSome(ip) && ipScope(ip.value) !== 'global')
}

const isHost = (host: string): boolean => O.isSome(parseIp(host)) || HOST_NAME.test(host)

const CONTROL_CHARACTER = /\p{Cc}/u
const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/i
