/** A file as the torrent lists it, before its path is made safe. */
export interface ListedFile {
  /** Elements below the root name; empty for the file of a single-file torrent, which is the root. */
  readonly path: ReadonlyArray<Uint8Array>
  /** 0 for a symlink. */
  readonly length: number
  readonly isPad: boolean
  readonly isExecutable: boolean
  readonly isHidden: boolean
  /** Target of a symlink, as written. */
  readonly target: ReadonlyArray<Uint8Array> | undefined
  readonly piecesRoot: Uint8Array | undefined
}

/** Letters of BEP 47's `attr`. */
export const hasAttribute = (attr: Uint8Array | undefined, letter: 'p' | 'x' | 'h' | 'l'): boolean =>
  attr?.includes(letter.charCodeAt(0)) ?? false
