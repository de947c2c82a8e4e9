import type { Option } from '#fp/Option'
import type { PeerAddress } from '../peerAddress.js'

/** A magnet link (BEP 9, BEP 53), validated: it names a torrent, and perhaps where to look for it. */
export interface Magnet {
  /** At least one of the two: 20 bytes (`urn:btih:`), 32 bytes (`urn:btmh:`). */
  readonly infohash: { readonly v1: Option<Uint8Array>; readonly v2: Option<Uint8Array> }
  /** `dn`: what to show until the name is known. A stranger's text. */
  readonly name: Option<string>
  /** `tr`: announce URLs as written, unusable ones left out; each is a tier of its own. */
  readonly trackers: ReadonlyArray<string>
  /** `ws`: web seeds (BEP 19). */
  readonly webSeeds: ReadonlyArray<string>
  /** `x.pe`: peers, by IP address. */
  readonly peers: ReadonlyArray<PeerAddress>
  /** `so`: the files that are wanted, counted from 0, in order and apart from each other; none: all of them. */
  readonly select: ReadonlyArray<FileRange>
}

/** Files by number, both ends included. */
export interface FileRange {
  readonly first: number
  readonly last: number
}

/**
 * Whether a link wants the file at `index` of `metainfo.files`.
 *
 * @example
 * ```ts
 * const priorities = selectFiles(metainfo, (_, index) => wantsFile(magnet, index))
 * ```
 */
export const wantsFile = ({ select }: Pick<Magnet, 'select'>, index: number): boolean =>
  select.length === 0 || select.some(({ first, last }) => first <= index && index <= last)
