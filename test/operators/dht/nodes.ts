import { fc } from '@fast-check/vitest'
import * as O from '#fp/Option'
import type { DhtNode } from '../../../src/codecs/compactNodes.js'
import { nodeIdFor } from '../../../src/codecs/nodeId.js'
import { createPrng, type Prng } from '../../../src/operators/random.js'

export const randomId = (prng: Prng): Uint8Array => Uint8Array.from({ length: 20 }, () => prng.int(256))

/** An id that shares exactly `bits` bits with `id`. */
export const idAt = (id: Uint8Array, bits: number, prng: Prng = createPrng(bits)): Uint8Array =>
  id.map((byte, i) => {
    const kept = Math.min(Math.max(bits - 8 * i, 0), 8)
    const mask = 0xff >> kept
    const flip = bits >> 3 === i ? 0x80 >> (bits & 7) : 0
    return (byte & ~mask) | (((prng.int(256) & ~flip) | (~byte & flip)) & mask)
  })

/** The `n`th host of the internet, each in a network of its own. */
export const hostOf = (n: number): string =>
  `${String(20 + (n >> 16))}.${String((n >> 8) & 255)}.${String(n & 255)}.1`

export const nodeAt = (n: number, id: Uint8Array): DhtNode => ({ id, host: hostOf(n), port: 6881 })

/** A node whose id BEP 42 lets it have, and which begins as it does. */
export const verifiedNode = (n: number, prng: Prng): DhtNode =>
  nodeAt(n, O.getOrElse((): Uint8Array => new Uint8Array(20))(nodeIdFor(hostOf(n), randomId(prng))))

export const anyId: fc.Arbitrary<Uint8Array> = fc.uint8Array({ minLength: 20, maxLength: 20 })
