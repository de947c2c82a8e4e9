import type { Metainfo } from '../../codecs/metainfoModel.js'
import { createFileRead, type FileRead } from './fileRead.js'
import type { ReadSource } from './readStretch.js'
import { type ByteRange, stretchOf } from './stretch.js'

/** A file of a session's torrent. */
export interface SessionFile {
  /** Its place in `metainfo.files`. */
  readonly index: number
  /**
   * Its bytes, or those of `range` (end exclusive), as they come. Nothing happens before the result is subscribed to; a
   * file or range that is not there is its first and only value, a `Left`.
   *
   * @example
   * ```ts
   * for await (const chunk of torrent.file(0).read({ start: 1_000_000 })) await player.write(chunk)
   * return new Response(torrent.file(0).read().toReadableStream())
   * ```
   */
  readonly read: (range?: ByteRange) => FileRead
}

export const createSessionFile = (metainfo: Metainfo, source: ReadSource, index: number): SessionFile => ({
  index,
  read: (range) => createFileRead(source, stretchOf(metainfo, index, range)),
})
