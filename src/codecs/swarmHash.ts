import * as O from '#fp/Option'
import type { Metainfo } from './metainfoModel.js'

/** The infohash that a swarm goes by, and the other one of a hybrid (BEP 52); 20 bytes each. */
export type SwarmNames = readonly [Uint8Array] | readonly [Uint8Array, Uint8Array]

/** The v1 infohash, and the first 20 bytes of the v2 one. */
export const swarmNames = (torrent: Pick<Metainfo, 'infohash'>): SwarmNames => {
  const { v1 } = torrent.infohash
  const v2 = v2SwarmHash(torrent)
  if (O.isNone(v1)) return [v2 ?? new Uint8Array(SWARM_HASH_BYTES)]
  return v2 === undefined ? [v1.value] : [v1.value, v2]
}

/** What a torrent is called with peers, at trackers and in the DHT: by v1 where there is a v1 half. */
export const swarmHash = (torrent: Pick<Metainfo, 'infohash'>): Uint8Array => swarmNames(torrent)[0]

/** What its v2 half is called; undefined where there is none. */
export const v2SwarmHash = ({ infohash: { v2 } }: Pick<Metainfo, 'infohash'>): Uint8Array | undefined =>
  O.isSome(v2) ? v2.value.subarray(0, SWARM_HASH_BYTES) : undefined

const SWARM_HASH_BYTES = 20
