import { setImmediate } from 'node:timers'

/**
 * What a few fast readers may read before anything else has its turn, and from how much on each of them has only one read
 * more. Less takes more CPU time: shorter runs to write.
 */
const TURN_BYTES = 2 * 1024 * 1024

/** What a crowd shares: each of them has more to do besides. */
const CROWD_BYTES = 512 * 1024

/** Of each in a crowd. */
export const LEAST_SHARE_BYTES = 128 * 1024

/** From one more on they are a crowd. */
const MOST_READERS = 4

/** Who reads as much in a turn of the loop counts as a fast reader. */
const BUSY_BYTES = 64 * 1024

/** Who reads less in a turn only chats, and never waits for those that do not. */
const CHAT_BYTES = 4 * 1024

/** Turns until a fast reader that is no longer one is forgotten; of several, one after the other. */
const REMEMBERED_TURNS = 32

/** Who reads, and how much it took in the turn that it read in last. */
interface Reader {
  readonly goOn: () => void
  turn: number
  taken: number
  isHeld: boolean
}

/** There is one loop, which all sockets share. */
let turn = 0
/** Who has to wait, in the order that they came. */
let held: Reader[] = []
let total = 0
let busy = 0
/** What the others have read, who are not fast by themselves. */
let slowBytes = 0
/** Fast ones of late; a fraction while one is being forgotten. */
let readers = 1
let share = TURN_BYTES
/** Turns for which there are taken to be more readers than a turn has shares for. */
let crowded = 0
let isEndScheduled = false

const scheduleEnd = (): void => {
  if (isEndScheduled) return
  isEndScheduled = true
  setImmediate(endTurn)
}

const endTurn = (): void => {
  isEndScheduled = false
  turn += 1
  // Not all are fast in each turn: they are forgotten one by one. Many slow ones are as much as a few fast ones.
  const now = busy + Math.floor(slowBytes / BUSY_BYTES)
  readers = Math.min(MOST_READERS, Math.max(1, now, readers - 1 / REMEMBERED_TURNS))
  crowded = Math.max(now, held.length) > MOST_READERS ? REMEMBERED_TURNS : Math.max(0, crowded - 1)
  total = 0
  busy = 0
  slowBytes = 0
  share = crowded === 0 ? TURN_BYTES / Math.ceil(readers) : LEAST_SHARE_BYTES
  release()
}

/** Lets on all of a few, of a crowd as many as a turn has bytes for, if each reads again what it read last. */
const release = (): void => {
  let left = bytesOfTurn()
  let count = crowded === 0 ? held.length : 0
  while (left > 0 && count < held.length) left -= Math.min(held[count++]!.taken, share)
  const released = held.slice(0, count)
  held = held.slice(count)
  if (held.length > 0) scheduleEnd()
  for (const reader of released) {
    reader.isHeld = false
    reader.goOn()
  }
}

const bytesOfTurn = (): number => (crowded === 0 ? TURN_BYTES : CROWD_BYTES)

/** Bytes that each reader may read in a turn of the loop. */
export const shareOfTurn = (): number => share

/**
 * Counts what a reader has read in this turn of the loop. It answers false when that was its share, or all that a turn
 * has: then nothing more is to be read until `goOn` is called, in the next turn, or where many wait in one of those that
 * follow. Of itself libuv reads 32 times from each socket in a row, however many there are.
 *
 * @param goOn - must not throw.
 */
export const readShare = (goOn: () => void): ((bytes: number) => boolean) => {
  const reader: Reader = { goOn, turn: -1, taken: 0, isHeld: false }
  return (bytes) => {
    if (reader.turn !== turn) {
      reader.turn = turn
      reader.taken = 0
    }
    const before = reader.taken
    reader.taken += bytes
    total += bytes
    if (reader.taken < BUSY_BYTES) slowBytes += bytes
    else if (before < BUSY_BYTES) {
      busy += 1
      slowBytes -= before
    }
    scheduleEnd()
    if (reader.isHeld) return false
    if (reader.taken < CHAT_BYTES || (reader.taken < share && total < bytesOfTurn())) return true
    reader.isHeld = true
    held.push(reader)
    return false
  }
}
