/** Memory that comes and goes in pieces of one length or another, used again by whoever needs some next. */
export interface BufferPool {
  /** What was in it last is in it still. */
  readonly take: (length: number) => Uint8Array
  /** All of what `take` gave, in whatever buffer it comes home: nobody reads or writes it any more. */
  readonly giveBack: (bytes: Uint8Array) => void
  /** Somebody is going to take some. The answer says that he needs none any more; when nobody does, nothing is kept. */
  readonly join: () => () => void
}

/** Kept while nobody has them, of all lengths. */
const MOST_SPARE_BYTES = 32 * 1024 * 1024

/**
 * What is thrown away keeps the collector busy, and memory that is new to the process costs more than to fill it: each of
 * its pages is made, zeroed and, under some virtual machines, known to the host first.
 */
export const createBufferPool = (mostSpareBytes = MOST_SPARE_BYTES): BufferPool => {
  let users = 0
  let spareBytes = 0
  const spare = new Map<number, Uint8Array[]>()

  /** Of what has another length, which nobody may need any more. */
  const makeRoom = (length: number): void => {
    for (const [other, same] of spare) {
      while (other !== length && same.length > 0 && spareBytes + length > mostSpareBytes) {
        same.pop()
        spareBytes -= other
      }
    }
  }

  return {
    take: (length) => {
      const bytes = spare.get(length)?.pop()
      if (bytes === undefined) return new Uint8Array(length)
      spareBytes -= length
      return bytes
    },
    giveBack: (bytes) => {
      const { length } = bytes
      if (users === 0) return
      makeRoom(length)
      if (spareBytes + length > mostSpareBytes) return
      spareBytes += length
      const same = spare.get(length)
      if (same === undefined) spare.set(length, [bytes])
      else same.push(bytes)
    },
    join: () => {
      let isUser = true
      users++
      return () => {
        if (!isUser) return
        isUser = false
        users--
        if (users > 0) return
        spare.clear()
        spareBytes = 0
      }
    },
  }
}
