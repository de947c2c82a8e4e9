import { fromHex } from '../bytes.js'

/** Bytes of a key on the wire, and of the secret that two of them come to. */
export const KEY_LENGTH = 96

/** The prime of MSE: keys are powers of `GENERATOR` modulo it. */
export const PRIME: Uint8Array = fromHex(
  'ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74' +
    '020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437' +
    '4fe1356d6d51c245e485b576625e7ec6f44c42e9a63a36210000000000090563',
)!
export const GENERATOR = 2

/** Our half of a Diffie-Hellman exchange, for one connection. */
export interface KeyPair {
  /** 96 bytes, zeros in front. */
  readonly publicKey: Uint8Array
  /** What it and the peer's public key come to, 96 bytes, zeros in front; undefined where it cannot be told. */
  readonly secretWith: (publicKey: Uint8Array) => Uint8Array | undefined
}

/** Makes a fresh pair, of 160 random bits. */
export type NewKeyPair = () => KeyPair

/**
 * Whether the 96 bytes are a key at all: 2 to the prime less 2. What is outside leads to a secret that anybody can tell,
 * whatever ours is.
 */
export const isUsableKey = (key: Uint8Array): boolean => {
  if (key.length !== KEY_LENGTH || compare(key, PRIME) >= 0) return false
  const isSmall = key.every((byte, at) => byte === 0 || at === KEY_LENGTH - 1)
  if (isSmall) return key[KEY_LENGTH - 1]! >= 2
  return compare(key, PRIME_LESS_ONE) !== 0
}

const compare = (a: Uint8Array, b: Uint8Array): number => {
  for (let at = 0; at < KEY_LENGTH; at++) if (a[at] !== b[at]) return a[at]! - b[at]!
  return 0
}

/** The prime is odd. */
const PRIME_LESS_ONE = PRIME.map((byte, at) => (at === KEY_LENGTH - 1 ? byte - 1 : byte))
