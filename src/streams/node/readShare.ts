import { setImmediate } from 'node:timers'

/**
 * What one fast reader may read before anything else has its turn, and from how much on each of several has only one read
 * more. Less takes more CPU time: shorter runs to write.
 */
const TURN_BYTES = 2 * 1024 * 1024

/** What several share: 1 ms with all that comes of it, where their senders want the processor as well. */
const SHARED_BYTES = 512 * 1024

/** However many readers there are. */
export const LEAST_SHARE_BYTES = 128 * 1024

const MOST_READERS = SHARED_BYTES / LEAST_SHARE_BYTES

/** Who reads as much in a turn of the loop counts as a fast reader. */
const BUSY_BYTES = 64 * 1024

/** Turns until a fast reader that is no longer one is forgotten; of several, one after the other. */
const REMEMBERED_TURNS = 32

/** There is one loop, which all sockets share. */
let turn = 0
let held: Array<() => void> = []
let total = 0
let busy = 0
/** Fast ones of late; a fraction while one is being forgotten. */
let readers = 1
let share = TURN_BYTES
let isEndScheduled = false

const endTurn = (): void => {
  isEndScheduled = false
  turn += 1
  // Not all are fast in each turn: they are forgotten one by one.
  readers = Math.min(MOST_READERS, Math.max(1, busy, readers - 1 / REMEMBERED_TURNS))
  total = 0
  busy = 0
  share = readers === 1 ? TURN_BYTES : SHARED_BYTES / Math.ceil(readers)
  const released = held
  held = []
  for (const goOn of released) goOn()
}

/** Bytes that each reader may read in a turn of the loop. */
export const shareOfTurn = (): number => share

/**
 * Counts what a reader has read in this turn of the loop. It answers false when that was its share, or all that a turn
 * has: then nothing more is to be read until `goOn` is called, once the loop has been round. Of itself libuv reads 32
 * times from each socket in a row, however many there are.
 *
 * @param goOn - must not throw.
 */
export const readShare = (goOn: () => void): ((bytes: number) => boolean) => {
  let countedTurn = -1
  let taken = 0
  return (bytes) => {
    if (countedTurn !== turn) {
      countedTurn = turn
      taken = 0
    }
    if (taken < BUSY_BYTES && taken + bytes >= BUSY_BYTES) busy += 1
    taken += bytes
    total += bytes
    if (!isEndScheduled) {
      isEndScheduled = true
      setImmediate(endTurn)
    }
    if (taken < share && total < TURN_BYTES) return true
    held.push(goOn)
    return false
  }
}
