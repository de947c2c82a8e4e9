import type { Option } from '#fp/Option'

/** A .torrent file, validated: what it says is consistent, bounded and safe to act on. BEP 3, 12, 19, 27, 47, 52. */
export interface Metainfo {
  /** Root name as it will be on disk: sanitised, never empty. */
  readonly name: string
  readonly version: 'v1' | 'v2' | 'hybrid'
  readonly infohash: { readonly v1: Option<Uint8Array>; readonly v2: Option<Uint8Array> }
  readonly pieceLength: number
  readonly pieceCount: number
  /** Bytes of payload; pad files not counted. */
  readonly totalSize: number
  /** Length of the byte stream that pieces are cut from; pad files counted. */
  readonly streamLength: number
  /** In the order of the stream, pad files included: in a v2-only torrent those that its alignment implies. */
  readonly files: ReadonlyArray<FileEntry>
  /** SHA-1 of each piece, 20 bytes each; empty for a v2-only torrent. */
  readonly pieces: Uint8Array
  /** Piece layers by hex root (BEP 52), checked against the root. */
  readonly pieceLayers: ReadonlyMap<string, Uint8Array>
  readonly isPrivate: boolean
  /** Announce URLs by tier, as written (BEP 12), unusable ones left out; `announce` alone is one tier of one. */
  readonly trackers: ReadonlyArray<ReadonlyArray<string>>
  /** BEP 19 `url-list`: absolute http(s) URLs without duplicates; ending in a slash for several files. */
  readonly webSeeds: ReadonlyArray<string>
  /** BEP 17 `httpseeds`. */
  readonly httpSeeds: ReadonlyArray<string>
  readonly nodes: ReadonlyArray<{ readonly host: string; readonly port: number }>
  readonly comment: Option<string>
  readonly createdBy: Option<string>
  /** Seconds since 1970. */
  readonly creationDate: Option<number>
  /** The raw bytes of the `info` value: hashing them gives the infohash. */
  readonly info: Uint8Array
  /** False when some dictionary's keys are not in byte order (tolerated; worth a note). */
  readonly isCanonical: boolean
}

export interface FileEntry {
  /**
   * Safe path elements below the download folder, the root name first. Unique in the torrent, whatever the case and
   * the Unicode form, and never the directory of another; pad files of one length may share theirs.
   */
  readonly path: ReadonlyArray<string>
  readonly length: number
  /** First byte in the stream that pieces are cut from. */
  readonly offset: number
  readonly isPad: boolean
  readonly isExecutable: boolean
  readonly isHidden: boolean
  /** Path (same form as `path`) of the file or folder of this torrent that a symlink stands for. */
  readonly symlink: Option<ReadonlyArray<string>>
  /** BEP 52 `pieces root`. */
  readonly piecesRoot: Option<Uint8Array>
}
