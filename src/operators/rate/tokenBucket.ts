/** An allowance that fills up over time; what is taken beyond it is paid back before anything else is granted. */
export interface TokenBucket {
  /** Bytes per second; `Infinity`: no limit. */
  limit: number
  tokens: number
  filledAt: number
}

/** How much unused allowance is kept, in seconds: short, so that a pause does not become a burst. */
const BURST_SECONDS = 1

export const createTokenBucket = (now: number): TokenBucket => ({
  limit: Infinity,
  tokens: Infinity,
  filledAt: now,
})

/** Sets the limit from now on, and adds what has come together since the last call. */
export const fillTokens = (bucket: TokenBucket, limit: number, now: number): void => {
  const elapsed = Math.max(0, now - bucket.filledAt)
  bucket.filledAt = now
  if (limit === Infinity) {
    bucket.tokens = Infinity
  } else {
    const before = bucket.tokens === Infinity ? 0 : bucket.tokens
    bucket.tokens = Math.min(before + (limit * elapsed) / 1000, Math.max(limit * BURST_SECONDS, 16_384))
  }
  bucket.limit = limit
}

export const takeTokens = (bucket: TokenBucket, bytes: number): void => {
  bucket.tokens -= bytes
}
