/** Read before anything else has its turn: 1 ms with all that comes of it. */
const TURN_BYTES = 512 * 1024

/** However many readers there are: what one read takes. */
const LEAST_BYTES = 128 * 1024

/** Stops reading until it is released. */
export interface Reader {
  readonly hold: () => void
  readonly release: () => void
}

/** There is one loop, which all sockets share. */
let held: Reader[] = []
/** How many have had their fill of late. */
let readers = 1
let share = TURN_BYTES

const release = (): void => {
  const released = held
  held = []
  // Not all fast ones are held in each turn: they are forgotten one by one.
  readers = Math.max(released.length, readers - 1)
  share = Math.max(LEAST_BYTES, TURN_BYTES / readers)
  for (const reader of released) reader.release()
}

/**
 * Counts what a reader has read, and holds it until the loop has been round once that was its share: 512 KiB, divided by
 * how many were held of late. Of itself libuv reads 32 times from each socket in a row, which is 4 MiB of each fast peer.
 */
export const readShare = (reader: Reader): ((bytes: number) => void) => {
  let taken = 0
  return (bytes) => {
    taken += bytes
    if (taken < share) return
    taken = 0
    reader.hold()
    if (held.length === 0) setImmediate(release)
    held.push(reader)
  }
}
