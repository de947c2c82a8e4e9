import { concatBytes, equalBytes, toUtf8 } from '../../codecs/bytes.js'
import { sha1 } from '../../codecs/infohash.js'

/** Secrets are replaced this often, and the one before is still good: a token lives for five to ten minutes (BEP 5). */
export const ROTATE_TOKENS_MS = 5 * 60_000
/** Of the hash: 64 bits cannot be guessed over a network, and the answer stays short. */
const TOKEN_BYTES = 8

/**
 * The tokens that an announce or a put has to bring: they show that who sends it receives what is sent to its address,
 * and are good for the one target that they were given for. Nothing is kept of them but two secrets.
 *
 * Mutable, for one owner; written only through the functions of this file.
 */
export interface Tokens {
  secret: Uint8Array
  previous: Uint8Array
  rotatedAt: number
}

/** `secret` is 20 bytes of real chance. */
export const createTokens = (secret: Uint8Array, now: number): Tokens => ({
  secret,
  previous: secret,
  rotatedAt: now,
})

/** Whether the secret is old enough for `rotateTokens`. */
export const isRotationDue = (tokens: Tokens, now: number): boolean =>
  now - tokens.rotatedAt >= ROTATE_TOKENS_MS

/** Replaces the secret by a new one. After a sleep of ten minutes the one before is forgotten too. */
export const rotateTokens = (tokens: Tokens, secret: Uint8Array, now: number): void => {
  tokens.previous = now - tokens.rotatedAt < 2 * ROTATE_TOKENS_MS ? tokens.secret : secret
  tokens.secret = secret
  tokens.rotatedAt = now
}

/** The token for this host and target. */
export const tokenFor = (tokens: Tokens, host: string, target: Uint8Array): Uint8Array =>
  make(tokens.secret, host, target)

/** Whether a token was given to this host for this target, not long ago. */
export const isTokenOf = (tokens: Tokens, token: Uint8Array, host: string, target: Uint8Array): boolean =>
  token.length === TOKEN_BYTES &&
  (equalBytes(token, make(tokens.secret, host, target)) ||
    equalBytes(token, make(tokens.previous, host, target)))

const make = (secret: Uint8Array, host: string, target: Uint8Array): Uint8Array =>
  sha1(concatBytes([secret, target, toUtf8(host)])).subarray(0, TOKEN_BYTES)
