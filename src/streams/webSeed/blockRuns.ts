/** A block that was asked for. */
export interface BlockRequest {
  readonly piece: number
  readonly begin: number
  readonly length: number
}

/**
 * Takes the oldest request out of `waiting`, and with it those that follow it there without a gap in the stream, up to
 * `maxBytes`: what one range of a file, or of some files in a row, can answer.
 */
export const takeRun = (
  waiting: BlockRequest[],
  pieceLength: number,
  maxBytes: number,
): ReadonlyArray<BlockRequest> => {
  let end = 0
  let bytes = 0
  const run = waiting.findIndex(({ piece, begin, length }, i) => {
    const start = piece * pieceLength + begin
    if (i > 0 && (start !== end || bytes + length > maxBytes)) return true
    end = start + length
    bytes += length
    return false
  })
  return waiting.splice(0, run === -1 ? waiting.length : run)
}
