import * as E from '#fp/Either'
import { concatBytes, fromHex, toHex } from '../../codecs/bytes.js'
import { decodeCompactPeers, encodeCompactPeers } from '../../codecs/compactPeers.js'
import type { NodeFamily } from '../../codecs/krpc.js'
import { MAX_STORED_INFOHASHES, MAX_STORED_PEERS } from '../../codecs/limits.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import { emptyScrapeBloom, insertIp } from '../../codecs/scrapeBloom.js'
import type { Prng } from '../random.js'
import { addressAt, createPeerList, dropBefore, putPeer, type PeerList } from './peerList.js'

/** An announce counts this long; clients repeat theirs every 15 minutes or so. */
const PEER_LIFE_MS = 30 * 60_000

type Torrent = { readonly [F in NodeFamily]: PeerList }

/**
 * The peers that were announced to us, by infohash. When there are too many infohashes, one with a single peer gives way
 * before any other: a flood of them only washes itself away.
 *
 * Mutable, for one owner; written only through the functions of this file.
 */
export interface PeerStore {
  readonly maxInfohashes: number
  /** Of each infohash, in each family. */
  readonly maxPeers: number
  /** By infohash in hexadecimal, the longest without an announce first. */
  readonly torrents: Map<string, Torrent>
  /** Those with one peer. */
  readonly single: Set<string>
}

/** What BEP 33 asks for. */
export interface ScrapeFilters {
  readonly BFsd: Uint8Array
  readonly BFpe: Uint8Array
}

/** Which peers are wanted. */
export interface PeerSample {
  readonly family: NodeFamily
  /** As many as fit into the answer. */
  readonly max: number
  readonly noSeed?: boolean | undefined
}

/** A store without peers. */
export const createPeerStore = (
  maxInfohashes = MAX_STORED_INFOHASHES,
  maxPeers = MAX_STORED_PEERS,
): PeerStore => ({ maxInfohashes, maxPeers, torrents: new Map(), single: new Set() })

/** A peer announces itself, again or for the first time. Its token was good. A host name is passed over. */
export const storePeer = (
  store: PeerStore,
  infohash: Uint8Array,
  peer: PeerAddress,
  isSeed: boolean,
  now: number,
): void => {
  const family = familyOf(peer.host)
  const address = encodeCompactPeers([peer], family === 'n4' ? 4 : 16)
  if (address.length === 0) return
  const name = toHex(infohash)
  const known = store.torrents.get(name)
  if (known === undefined && store.torrents.size >= store.maxInfohashes) makeRoom(store)
  const torrent = known ?? {
    n4: createPeerList(4, store.maxPeers),
    n6: createPeerList(16, store.maxPeers),
  }
  putPeer(torrent[family], address, isSeed, now)
  store.torrents.delete(name)
  store.torrents.set(name, torrent)
  noteSize(store, name, torrent)
}

/** Some of the torrent's peers, by chance where there are more than are wanted. */
export const samplePeers = (
  store: PeerStore,
  infohash: Uint8Array,
  { family, max, noSeed = false }: PeerSample,
  now: number,
  random: Prng,
): ReadonlyArray<PeerAddress> => {
  const list = store.torrents.get(toHex(infohash))?.[family]
  if (list === undefined) return []
  const fitting = living(list, now).filter((index) => !noSeed || list.seeds[index] === 0)
  const chosen = pick(fitting, max, random).map((index) => addressAt(list, index))
  const peers = decodeCompactPeers(concatBytes(chosen), family === 'n4' ? 4 : 16, chosen.length, '')
  return E.isRight(peers) ? peers.right : []
}

/** Filters of the torrent's seeds and of its other peers; `undefined` where there are none. */
export const scrapeFilters = (
  store: PeerStore,
  infohash: Uint8Array,
  now: number,
): ScrapeFilters | undefined => {
  const torrent = store.torrents.get(toHex(infohash))
  if (torrent === undefined) return undefined
  const filters: ScrapeFilters = { BFsd: emptyScrapeBloom(), BFpe: emptyScrapeBloom() }
  for (const list of [torrent.n4, torrent.n6]) {
    for (const index of living(list, now)) {
      const ip = addressAt(list, index).subarray(0, list.stride - 2)
      insertIp(list.seeds[index] === 1 ? filters.BFsd : filters.BFpe, ip)
    }
  }
  return filters
}

/** Some of the infohashes that we hold, by chance (BEP 51). */
export const sampleInfohashes = (store: PeerStore, max: number, random: Prng): ReadonlyArray<Uint8Array> =>
  pick([...store.torrents.keys()], max, random).flatMap((name) => fromHex(name) ?? [])

/** How many infohashes we hold. */
export const infohashCount = (store: PeerStore): number => store.torrents.size

/** Forgets who has not announced for half an hour. To be called every few minutes. */
export const expirePeers = (store: PeerStore, now: number): void => {
  for (const [name, torrent] of store.torrents) {
    for (const list of [torrent.n4, torrent.n6]) dropBefore(list, now - PEER_LIFE_MS)
    noteSize(store, name, torrent)
  }
}

const familyOf = (host: string): NodeFamily => (host.includes(':') ? 'n6' : 'n4')

/** Indices of those whose announce still counts. */
const living = ({ seenAt, length }: PeerList, now: number): ReadonlyArray<number> => {
  const indices: number[] = []
  for (let i = 0; i < length; i++) if (seenAt[i]! >= now - PEER_LIFE_MS) indices.push(i)
  return indices
}

const noteSize = (store: PeerStore, name: string, { n4, n6 }: Torrent): void => {
  const size = n4.length + n6.length
  if (size === 1) store.single.add(name)
  else store.single.delete(name)
  if (size === 0) store.torrents.delete(name)
}

const makeRoom = (store: PeerStore): void => {
  for (const names of [store.single, store.torrents.keys()]) {
    for (const name of names) {
      store.single.delete(name)
      store.torrents.delete(name)
      return
    }
  }
}

/** `max` of them, each as likely as any other: the front of a shuffle. */
const pick = <A>(all: ReadonlyArray<A>, max: number, random: Prng): ReadonlyArray<A> => {
  if (all.length <= max) return all
  const pool = [...all]
  for (let i = 0; i < max; i++) {
    const j = i + random.int(pool.length - i)
    const chosen = pool[j]!
    pool[j] = pool[i]!
    pool[i] = chosen
  }
  return pool.slice(0, max)
}
