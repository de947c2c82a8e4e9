/** A file that goes on behind the end that the torrent gives it. Lengths are in bytes. */
export interface LongFile {
  /** Its place in the torrent. */
  readonly file: number
  readonly expected: number
  readonly actual: number
}
