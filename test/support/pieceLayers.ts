import { sha256 } from '../../src/codecs/infohash.js'

/** A piece layer of so many pieces, each hash another. */
export const layerOf = (count: number): Uint8Array => {
  const layer = new Uint8Array(32 * count)
  for (let i = 0; i < count; i++) layer.set(sha256(Uint8Array.of(i >> 8, i)), 32 * i)
  return layer
}
