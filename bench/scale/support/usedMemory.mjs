import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Bytes in use by what lives: of the heap, and of buffers beside it. Needs `--expose-gc`.
 *
 * @typedef {{ readonly heap: number, readonly buffers: number, readonly rss: number }} Used
 */

/** @returns {Promise<Used>} */
export const usedMemory = async () => {
  for (let i = 0; i < 4; i++) {
    global.gc?.()
    await sleep(50)
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  // `external` has the array buffers in it.
  return { heap: heapUsed, buffers: external, rss }
}
