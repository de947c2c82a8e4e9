import {
  defer,
  distinctUntilChanged,
  filter,
  ignoreElements,
  merge,
  mergeMap,
  type Observable,
  repeat,
  tap,
  timer,
} from 'rxjs'
import * as O from '#fp/Option'
import { equalBytes } from '../../codecs/bytes.js'
import { NODE_ID_BYTES } from '../../codecs/compactNodes.js'
import { type DhtItem, mutableTarget, targetOf } from '../../codecs/dhtItem.js'
import { ED25519_KEY_BYTES } from '../../codecs/ed25519.js'
import { decodeTorrentValue } from '../../codecs/mutableTorrent.js'
import type { DhtAnnounce, DhtGoal } from '../../operators/dht/command.js'
import type { DhtOutcome, DhtReport, DhtSample, DhtScrape } from '../../operators/dht/notice.js'
import type { Clock, PeerAddress } from '../deps.js'

/** A mutable item's key, and its salt where it has one (BEP 44). */
export interface DhtKey {
  /** The Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array
  readonly salt?: Uint8Array
}

/** What a search for an item comes to. */
export type DhtFind =
  | { readonly _tag: 'ItemFound'; readonly item: DhtItem }
  /** The last value where there was no item: nodes answered, and none of them has it. */
  | { readonly _tag: 'ItemNotFound'; readonly queries: number; readonly answers: number }
  /** The last value where there was no item: no node said anything, so nobody knows whether there is one. */
  | { readonly _tag: 'NobodyAnswered'; readonly queries: number }

/** What came of a put: where `stored` is 0, `answers` tells those that refused from a network that is not there. */
export interface DhtPut extends DhtOutcome {
  /** By what it is found, 20 bytes. */
  readonly target: Uint8Array
}

export interface PutOptions {
  /** Replaces an item of this sequence number only. */
  readonly cas?: number
}

export interface FollowOptions {
  /** Between two looks, in milliseconds; a quarter of an hour unless given. */
  readonly everyMs?: number
}

/**
 * What can be looked for in the DHT. Each is cold: a subscription begins a search of its own, and gives it up when it
 * ends; every search comes to an end by itself, after some seconds. Nothing found is nothing emitted. Infohashes and
 * targets are 20 bytes; others are a `TypeError` at the call.
 */
export interface DhtSearches {
  /**
   * Peers of a torrent (BEP 5), each once, as nodes name them: who they really are shows when they are dialled.
   *
   * @example
   * ```ts
   * dht.lookup(infohash).subscribe(({ host, port }) => console.log(host, port))
   * ```
   */
  readonly lookup: (infohash: Uint8Array) => Observable<PeerAddress>
  /**
   * Says that a peer of the torrent is at this machine, at a TCP port (0: the UDP port that is used here, as far as
   * others can see), and emits the peers that were found on the way. Completes once the nodes have answered. They keep it
   * for half an hour or so.
   */
  readonly announce: (
    infohash: Uint8Array,
    port: number,
    options?: { readonly seed?: boolean },
  ) => Observable<PeerAddress>
  /**
   * The item at a target: one that never changes, which is emitted at once; or the item of a key, emitted whenever a newer
   * one is found, of which the last is the one to go by. What is not right by hash or signature is never emitted.
   */
  readonly get: (of: Uint8Array | DhtKey) => Observable<DhtItem>
  /**
   * As `get`, and where there is nothing to emit, why: one `ItemNotFound` or `NobodyAnswered`.
   *
   * @example
   * ```ts
   * dht.find(target).subscribe((found) => console.log(found._tag))
   * ```
   */
  readonly find: (of: Uint8Array | DhtKey) => Observable<DhtFind>
  /** Stores an item with the nodes nearest to its target, for two hours. Emits once, and completes. */
  readonly put: (item: DhtItem, options?: PutOptions) => Observable<DhtPut>
  /** How many seeds and other peers a torrent has, estimated (BEP 33). Emits once where anybody knows of it. */
  readonly scrape: (infohash: Uint8Array) => Observable<DhtScrape>
  /** Some infohashes that nodes near a target hold, an answer each (BEP 51). */
  readonly sample: (target: Uint8Array) => Observable<DhtSample>
  /**
   * The infohash that the holder of a key says is his torrent at present, and each that comes after it (BEP 46): for
   * `switchMap` to sessions. Never completes by itself.
   *
   * @example
   * ```ts
   * dht.mutableTorrent(key).pipe(switchMap((infohash) => sessionOf(infohash).state$))
   * ```
   */
  readonly mutableTorrent: (
    publicKey: Uint8Array,
    salt?: Uint8Array,
    options?: FollowOptions,
  ) => Observable<Uint8Array>
}

const FOLLOW_MS = 15 * 60_000

/** @internal */
export const dhtSearches = (
  search: (goal: DhtGoal) => Observable<DhtReport>,
  /** Keeps the node running between two searches. */
  running$: Observable<unknown>,
  clock: Clock,
): DhtSearches => {
  const findPeers = (infohash: Uint8Array, announce: DhtAnnounce | undefined): Observable<PeerAddress> =>
    search({ _tag: 'FindPeers', target: idOf(infohash), announce, noSeed: false }).pipe(
      mergeMap((told) => (told._tag === 'PeersFound' ? told.peers : [])),
    )
  const get = (of: Uint8Array | DhtKey): Observable<DhtItem> =>
    search(goalOf(of)).pipe(mergeMap((told) => (told._tag === 'ItemFound' ? [told.item] : [])))

  const find = (of: Uint8Array | DhtKey): Observable<DhtFind> => {
    const report$ = search(goalOf(of))
    return defer(() => {
      let isFound = false
      return report$.pipe(
        mergeMap((told): ReadonlyArray<DhtFind> => {
          if (told._tag === 'ItemFound') {
            isFound = true
            return [{ _tag: 'ItemFound', item: told.item }]
          }
          return told._tag === 'TaskDone' && !isFound ? [nothingFound(told.outcome)] : []
        }),
      )
    })
  }

  return {
    lookup: (infohash) => findPeers(infohash, undefined),
    announce: (infohash, port, { seed = false } = {}) => {
      if (!Number.isInteger(port) || port < 0 || port > 0xffff) {
        throw new TypeError(`${String(port)} is not a port`)
      }
      return findPeers(infohash, { port, seed })
    },
    get,
    find,
    put: (item, { cas } = {}) => {
      const target = targetOf(item)
      return search({ _tag: 'StoreItem', target, item, cas }).pipe(
        mergeMap((told) => (told._tag === 'TaskDone' ? [{ target, ...told.outcome }] : [])),
      )
    },
    scrape: (infohash) =>
      search({ _tag: 'Scrape', target: idOf(infohash) }).pipe(
        mergeMap((told) => (told._tag === 'Scraped' ? [told.scrape] : [])),
      ),
    sample: (target) =>
      search({ _tag: 'Sample', target: idOf(target) }).pipe(
        mergeMap((told) => (told._tag === 'Sampled' ? [told.sample] : [])),
      ),
    mutableTorrent: (publicKey, salt, { everyMs = FOLLOW_MS } = {}) => {
      const item$ = get(salt === undefined ? { publicKey } : { publicKey, salt })
      return defer(() => {
        let newest = -Infinity
        const followed$ = item$.pipe(
          repeat({ delay: () => timer(everyMs, clock) }),
          filter((item) => item._tag === 'MutableItem'),
          filter(({ seq }) => seq > newest),
          tap(({ seq }) => (newest = seq)),
          mergeMap(({ v }) =>
            O.match(
              () => [],
              (infohash: Uint8Array) => [infohash.slice()],
            )(decodeTorrentValue(v)),
          ),
          distinctUntilChanged(equalBytes),
        )
        return merge(followed$, running$.pipe(ignoreElements()))
      })
    },
  }
}

const nothingFound = ({ queries, answers }: DhtOutcome): DhtFind =>
  answers === 0 ? { _tag: 'NobodyAnswered', queries } : { _tag: 'ItemNotFound', queries, answers }

const goalOf = (of: Uint8Array | DhtKey): DhtGoal => {
  if (of instanceof Uint8Array) return { _tag: 'FindItem', target: idOf(of), of: undefined }
  const { publicKey, salt = new Uint8Array() } = of
  if (publicKey.length !== ED25519_KEY_BYTES) {
    throw new TypeError(`a public key has ${String(ED25519_KEY_BYTES)} bytes`)
  }
  return {
    _tag: 'FindItem',
    target: mutableTarget(publicKey, salt),
    of: { k: publicKey, salt },
  }
}

const idOf = (bytes: Uint8Array): Uint8Array => {
  if (bytes.length !== NODE_ID_BYTES) throw new TypeError(`a target has ${String(NODE_ID_BYTES)} bytes`)
  return bytes
}
