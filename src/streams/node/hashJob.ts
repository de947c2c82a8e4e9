import type { StorageLayout } from '../deps.js'

/** A file as the hash worker sees it. */
export interface HashFile {
  /** Safe elements below the job's root. */
  readonly path: ReadonlyArray<string>
  /** Where its first byte is in what is at `path`: not at 0 in the part file. */
  readonly start: number
  readonly length: number
  /** First byte in the stream. */
  readonly offset: number
  /** False for pad files: zeros that are nowhere on disk. */
  readonly isOnDisk: boolean
}

/** What the loop asks of a hash worker. */
export type HashJob =
  /** `bytes.buffer` moves to the worker and back. */
  | { readonly _tag: 'Sha1'; readonly id: number; readonly bytes: Uint8Array }
  | {
      readonly _tag: 'Merkle'
      readonly id: number
      readonly bytes: Uint8Array
      readonly pieceLength: number
    }
  /** Reads and hashes the pieces `first … last`. `files` are those that hold a byte of them, in order. */
  | {
      readonly _tag: 'Pieces'
      readonly id: number
      readonly root: string
      readonly files: ReadonlyArray<HashFile>
      readonly pieceLength: number
      /** Of the whole stream. */
      readonly length: number
      readonly pieceHash: StorageLayout['pieceHash']
      readonly first: number
      readonly last: number
    }

/** What a hash worker says. */
export type HashAnswer =
  /** Once, when it has started. */
  | { readonly _tag: 'Ready' }
  | { readonly _tag: 'Digest'; readonly id: number; readonly digest: Uint8Array; readonly bytes: Uint8Array }
  | {
      readonly _tag: 'Pieces'
      readonly id: number
      readonly digests: Uint8Array
      readonly present: Uint8Array
    }
  /** The system refused; `file` is an element of the job's `files`, −1 where none is to blame. */
  | { readonly _tag: 'Failed'; readonly id: number; readonly code: string; readonly file: number }
