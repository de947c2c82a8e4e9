import * as t from 'io-ts'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { bytesOf, Bytes, dict, Dict, integerWithin, list, optional } from '../bencode/fields.js'
import { isBencodeList, isBencodeString } from '../bencode/value.js'
import { fromUtf8, toUtf8 } from '../bytes.js'
import { formatIp, parseIp } from '../ipAddress.js'
import {
  MAX_BOOT_ID,
  MAX_PARTIAL_PIECES,
  MAX_PIECES,
  MAX_RESUME_PEERS,
  MAX_TRACKERS,
  MAX_URL_LENGTH,
} from '../limits.js'
import type { PeerAddress } from '../peerAddress.js'
import { parseTrackerUrl } from '../trackerUrl.js'
import { PackedPaths } from './packedPaths.js'
import { PackedStats } from './packedStats.js'

/** The latest date there is, in milliseconds since 1970. */
const LAST_DATE = 8_640_000_000_000_000

const Count = integerWithin(0, Number.MAX_SAFE_INTEGER)

const BlockLength = t.refinement(
  integerWithin(1_024, 16_384),
  (length) => (length & (length - 1)) === 0,
  'a power of two from 1024 to 16384',
)

/** Address and port, big-endian, 6 or 18 bytes, as in BEP 5's `values`. */
const Peer: t.Type<PeerAddress, Uint8Array> = new t.Type(
  'the address of a peer',
  (u): u is PeerAddress => typeof u === 'object' && u !== null && 'host' in u && 'port' in u,
  (u, context) => {
    if (!isBencodeString(u) || u.length < 2) return t.failure(u, context)
    const host = formatIp(u.subarray(0, -2))
    const port = (u.at(-2)! << 8) | u.at(-1)!
    return O.isSome(host) && port !== 0 ? t.success({ host: host.value, port }) : t.failure(u, context)
  },
  ({ host, port }) => {
    const ip = O.getOrElse((): Uint8Array => new Uint8Array(4))(parseIp(host))
    return Uint8Array.of(...ip, port >>> 8, port & 0xff)
  },
)

/** One byte a file. */
const Priorities: t.Type<ReadonlyArray<number>, Uint8Array> = new t.Type(
  'priorities from 0 to 7',
  (u): u is ReadonlyArray<number> => Array.isArray(u),
  (u, context) =>
    isBencodeString(u) && u.every((priority) => priority <= 7) ? t.success([...u]) : t.failure(u, context),
  (priorities) => Uint8Array.from(priorities),
)

/** Whether an announce URL can be kept. */
export const isKeptTracker = (url: string): boolean =>
  url.length <= MAX_URL_LENGTH && E.isRight(parseTrackerUrl(url))

/** Tiers; what cannot be used in them is left out: nobody refuses a download for it. */
const Tiers: t.Type<
  ReadonlyArray<ReadonlyArray<string>>,
  ReadonlyArray<ReadonlyArray<Uint8Array>>
> = new t.Type(
  'tiers of trackers',
  (u): u is ReadonlyArray<ReadonlyArray<string>> => Array.isArray(u),
  (u, context) => {
    if (!isBencodeList(u)) return t.failure(u, context)
    let room = MAX_TRACKERS
    const tiers = u.map((tier) => {
      const urls = (isBencodeList(tier) ? tier.slice(0, room) : [])
        .filter((url) => isBencodeString(url))
        .map(fromUtf8)
        .filter(isKeptTracker)
      room -= urls.length
      return urls
    })
    return t.success(tiers.filter((tier) => tier.length > 0))
  },
  (tiers) => tiers.map((urls) => urls.map(toUtf8)),
)

/** What cannot be used is left out here, too. */
const Urls: t.Type<ReadonlyArray<string>, ReadonlyArray<Uint8Array>> = new t.Type(
  'a list of trackers',
  (u): u is ReadonlyArray<string> => Array.isArray(u),
  (u, context) =>
    isBencodeList(u)
      ? t.success(
          u
            .slice(0, MAX_TRACKERS)
            .filter((url) => isBencodeString(url))
            .map(fromUtf8)
            .filter(isKeptTracker),
        )
      : t.failure(u, context),
  (urls) => urls.map(toUtf8),
)

const bounded = <A, O>(codec: t.Type<A, O>, most: number): t.Type<ReadonlyArray<A>, ReadonlyArray<O>> =>
  t.refinement(list(codec), (items) => items.length <= most, `a list of at most ${String(most)}`)

/** Whether it can name a run of the system: printable, and no longer than anybody's. */
export const isBootId = (text: string): boolean => text.length <= MAX_BOOT_ID && /^[!-~]+$/.test(text)

const BootId: t.Type<string, Uint8Array> = new t.Type(
  'the name of a run of the system',
  (u): u is string => typeof u === 'string',
  (u, context) =>
    isBencodeString(u) && isBootId(fromUtf8(u)) ? t.success(fromUtf8(u)) : t.failure(u, context),
  toUtf8,
)

/** Outside: which release may read it, and whether it is what was written. */
export const Envelope = dict({
  digest: bytesOf(20),
  resume: Dict,
  version: integerWithin(1, Number.MAX_SAFE_INTEGER),
})

/** Inside: bounded by itself; whether it fits a torrent is `fitTorrent`'s matter. */
export const Fields = dict({
  'added at': integerWithin(0, LAST_DATE),
  'block length': BlockLength,
  downloaded: Count,
  files: PackedStats,
  infohash: Bytes,
  partial: bounded(dict({ blocks: Bytes, piece: integerWithin(0, MAX_PIECES - 1) }), MAX_PARTIAL_PIECES),
  peers: bounded(Peer, MAX_RESUME_PEERS),
  pieces: Bytes,
  priorities: Priorities,
  'removed trackers': optional(Urls),
  renamed: optional(PackedPaths),
  trackers: Tiers,
  unsynced: optional(dict({ boot: BootId, pieces: Bytes })),
  uploaded: Count,
})

export type ResumeFields = t.TypeOf<typeof Fields>
