import type { Metainfo } from '../../codecs/metainfoModel.js'
import { swarmHash } from '../../codecs/swarmHash.js'
import { fileSpans } from '../../operators/piece/fileMap.js'
import type { WebSeedRead } from '../deps.js'

/** Where a torrent's bytes are on the web: a server of its files (BEP 19), or of its pieces (BEP 17). */
export interface WebSeedTarget {
  readonly _tag: 'Files' | 'Pieces'
  readonly url: string
}

export type WebSeedPart =
  /** `file`: the one that is read, where it is one. */
  | { readonly _tag: 'Read'; readonly read: WebSeedRead; readonly file?: number }
  /** Of a pad file: it is on no server. */
  | { readonly _tag: 'Zeros'; readonly length: number }

/** What to ask the seed for, in order, to have `length` bytes of the stream from `offset` on, all of one piece for BEP 17. */
export const partsOf = (
  metainfo: Metainfo,
  { _tag, url }: WebSeedTarget,
  offset: number,
  length: number,
): ReadonlyArray<WebSeedPart> => {
  if (_tag === 'Pieces') return [{ _tag: 'Read', read: pieceRead(metainfo, url, offset, length) }]
  return fileSpans(metainfo.files, offset, length).map(({ file, position, length: bytes }) => {
    const { path, isPad, length: size } = metainfo.files[file]!
    return isPad
      ? { _tag: 'Zeros', length: bytes }
      : {
          _tag: 'Read',
          read: { url: fileUrl(url, path), range: { first: position, of: size }, length: bytes },
          file,
        }
  })
}

/** A path that ends in a slash leads to a folder, with the root name of the torrent in it. */
const fileUrl = (seed: string, path: ReadonlyArray<string>): string => {
  const url = new URL(seed)
  if (url.pathname.endsWith('/')) url.pathname += path.map(encodeURIComponent).join('/')
  return url.href
}

const pieceRead = (metainfo: Metainfo, url: string, offset: number, length: number): WebSeedRead => {
  const piece = Math.floor(offset / metainfo.pieceLength)
  const begin = offset - piece * metainfo.pieceLength
  const query =
    `info_hash=${Array.from(swarmHash(metainfo), percent).join('')}&piece=${String(piece)}` +
    `&ranges=${String(begin)}-${String(begin + length - 1)}`
  return { url: `${url}${url.includes('?') ? '&' : '?'}${query}`, range: undefined, length }
}

const percent = (byte: number): string => `%${byte.toString(16).padStart(2, '0')}`
