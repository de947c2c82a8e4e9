/** How what follows the handshake goes. */
export type CryptoMethod = 'plaintext' | 'rc4'

/** Bytes of `crypto_provide`, and of `crypto_select`. */
export const METHODS_LENGTH = 4

/** The bits of `crypto_provide` and `crypto_select`. */
const BITS: Readonly<Record<CryptoMethod, number>> = { plaintext: 1, rc4: 2 }

/** The four bytes that offer these. */
export const encodeMethods = (methods: ReadonlyArray<CryptoMethod>): Uint8Array =>
  Uint8Array.of(
    0,
    0,
    0,
    methods.reduce((bits, method) => bits | BITS[method], 0),
  )

/** The first of `wanted` that the four bytes at `at` offer; bits that nobody has a meaning for are passed over. */
export const chooseMethod = (
  bytes: Uint8Array,
  at: number,
  wanted: ReadonlyArray<CryptoMethod>,
): CryptoMethod | undefined => wanted.find((method) => (bytes[at + 3]! & BITS[method]) !== 0)

/** What the four bytes at `at` select: one of what was offered, and nothing besides. */
export const selectedMethod = (
  bytes: Uint8Array,
  at: number,
  offered: ReadonlyArray<CryptoMethod>,
): CryptoMethod | undefined =>
  offered.find((method) => encodeMethods([method]).every((byte, i) => byte === bytes[at + i]))
