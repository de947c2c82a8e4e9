import * as O from '#fp/Option'
import { toHex } from '../bytes.js'
import type { Metainfo } from '../metainfoModel.js'
import { showAddress } from '../showAddress.js'
import { SHA256_PREFIX } from './magnetHash.js'
import type { Magnet } from './magnetModel.js'
import { writeSelectOnly } from './selectOnly.js'

/** The link for a `Magnet`, hashes first. Decoding it gives the same again. */
export const encodeMagnet = (magnet: Magnet): string => {
  const { infohash, name, trackers, webSeeds, peers, select } = magnet
  return `magnet:?${[
    ...some(infohash.v1, (hash) => `xt=urn:btih:${toHex(hash)}`),
    ...some(infohash.v2, (hash) => `xt=urn:btmh:${SHA256_PREFIX}${toHex(hash)}`),
    // Of half a character nothing can be said.
    ...some(name, (text) => `dn=${encodeURIComponent(text.replace(LONE_SURROGATE, '\ufffd'))}`),
    ...trackers.map((url) => `tr=${encodeURIComponent(url)}`),
    ...webSeeds.map((url) => `ws=${encodeURIComponent(url)}`),
    ...peers.map((peer) => `x.pe=${showAddress(peer)}`),
    ...(select.length === 0 ? [] : [`so=${writeSelectOnly(select)}`]),
  ].join('&')}`
}

const LONE_SURROGATE = /\p{Cs}/gu

const some = <A>(option: O.Option<A>, write: (value: A) => string): ReadonlyArray<string> =>
  O.isSome(option) ? [write(option.value)] : []

/** What a link to this torrent says: its hashes, name, trackers and web seeds. */
export const magnetOf = ({ infohash, name, trackers, webSeeds }: Metainfo): Magnet => ({
  infohash,
  name: O.some(name),
  trackers: [...new Set(trackers.flat())],
  webSeeds,
  peers: [],
  select: [],
})
