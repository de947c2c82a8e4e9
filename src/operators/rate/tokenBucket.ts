/** An allowance that fills up over time; what is taken beyond it is paid back before anything else is granted. */
export interface TokenBucket {
  /** Bytes per second; `Infinity`: no limit. */
  limit: number
  /** Bytes that may go now. */
  tokens: number
  filledAt: number
}

/** How much allowance that nobody wanted is kept: short, so that a pause does not become a burst. */
const BURST_MS = 250
/** A block goes as a whole, so the smallest limit must be able to save up for one. */
const LEAST_BURST = 16_384
/** A tick that comes late is made up for, up to so much: nobody could take what came together meanwhile. */
const GAP_MS = 1_000
/** What came unbidden is paid back for so long at most. */
const DEBT_MS = 1_000

/** A bucket without a limit. */
export const createTokenBucket = (now: number): TokenBucket => ({
  limit: Infinity,
  tokens: Infinity,
  filledAt: now,
})

/** Sets the limit from now on. A lower one starts with nothing saved, and with a second of debt at most. */
export const setLimit = (bucket: TokenBucket, limit: number, now: number): void => {
  if (limit === bucket.limit) return
  fillTokens(bucket, now)
  if (limit === Infinity) bucket.tokens = Infinity
  else if (limit < bucket.limit) bucket.tokens = Math.max(Math.min(bucket.tokens, 0), -debtOf(limit))
  bucket.limit = limit
}

/** Adds what has come together since the last call. The more often, the smoother. */
export const fillTokens = (bucket: TokenBucket, now: number): void => {
  const elapsed = now - bucket.filledAt
  if (elapsed <= 0) return
  bucket.filledAt = now
  const { limit, tokens } = bucket
  if (limit === Infinity) return
  const kept = Math.min(tokens, Math.max((limit * BURST_MS) / 1_000, LEAST_BURST))
  bucket.tokens = kept + (limit * Math.min(elapsed, GAP_MS)) / 1_000
}

/** Takes from the allowance; with less than zero, gives back what will not be used. */
export const takeTokens = (bucket: TokenBucket, bytes: number): void => {
  bucket.tokens -= bytes
}

/** Takes for bytes that came though nobody counts on them any more: others are not to wait long for their sake. */
export const takeLate = (bucket: TokenBucket, bytes: number): void => {
  if (bucket.limit === Infinity) return
  bucket.tokens = Math.min(bucket.tokens, Math.max(bucket.tokens - bytes, -debtOf(bucket.limit)))
}

/** The bytes that may go now. With a limit of 0 none may, whatever was given back. */
export const tokensIn = (bucket: TokenBucket): number => (bucket.limit === 0 ? 0 : bucket.tokens)

const debtOf = (limit: number): number => (limit * DEBT_MS) / 1_000
