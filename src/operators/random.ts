/** Where a generator stands: plain data, so that a state can be saved and carried on. */
export type PrngState = readonly [number, number, number, number]

/** A seeded generator: the same seed, the same numbers, everywhere. Not for secrets. */
export interface Prng {
  /** Uniform in [0, 1), 32 bits of it. */
  readonly next: () => number
  /** Uniform integer in [0, `bound`); 0 where `bound` is 1 or less. `bound` is at most 2³². */
  readonly int: (bound: number) => number
  /** Uniform integer in [0, 2³²). */
  readonly uint32: () => number
  /** `createPrng(prng.state())` goes on from here. */
  readonly state: () => PrngState
}

const TWO_TO_32 = 0x1_0000_0000

/** The first outputs of a fresh state still show the seed. */
const WARM_UP = 12

/**
 * Chris Doty-Humphrey's sfc32: 128 bits of state, passes PractRand, a handful of integer operations a number.
 *
 * @param seed - any number, of which the low 32 bits count and the next 21 as well where there are; or a saved state.
 *
 * @example
 * ```ts
 * const prng = createPrng(42)
 * const dice = prng.int(6) + 1
 * const twin = createPrng(prng.state())
 * ```
 */
export const createPrng = (seed: number | PrngState): Prng => {
  let [a, b, c, counter] =
    typeof seed === 'number' ? ([0, seed | 0, Math.floor(seed / TWO_TO_32) | 0, 1] as const) : seed

  const uint32 = (): number => {
    const out = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + out) | 0
    return out >>> 0
  }
  if (typeof seed === 'number') for (let i = 0; i < WARM_UP; i++) uint32()

  const next = (): number => uint32() / TWO_TO_32
  return {
    next,
    uint32,
    int: (bound) => (bound <= 1 ? 0 : Math.floor(next() * bound)),
    state: () => [a, b, c, counter],
  }
}
