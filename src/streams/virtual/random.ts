import { createPrng } from '../../operators/random.js'
import type { Random } from '../deps.js'

/** Bytes that look random and follow from the seed. */
export const createVirtualRandom = (seed: number): Random => {
  const prng = createPrng(seed)
  return {
    bytes: (count) => {
      const out = new Uint8Array(count)
      for (let i = 0; i < count; i++) out[i] = prng.uint32()
      return out
    },
  }
}
