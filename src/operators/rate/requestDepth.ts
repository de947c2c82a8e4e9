const BLOCK_BYTES = 16 * 1024
/** Kept in flight beyond the delay: covers jitter, and lets the depth grow while the peer can give more. */
const SLACK_MS = 1_000
/** Stands in for a delay that nobody measured. */
const USUAL_DELAY_MS = 1_000
/** Where slow start begins. */
const FIRST_DEPTH = 32
const MIN_DEPTH = 4
/** 8 MiB in flight: 80 MB/s at 100 ms. */
const MAX_DEPTH = 512
/** Slow start goes on while a sample is this much above the one before. */
const GROWTH = 1.1
/** Nearer samples are not compared: the rate has had no time to grow. */
const SAMPLE_MS = 1_000

/**
 * How many requests keep a peer busy: bandwidth times delay, and some slack, in blocks.
 *
 * @param input - `rate` in payload bytes per second; `delayMs` from a request to its block with nothing queued in
 * between; `reqq` is what the peer holds at most (BEP 10).
 * @returns 4 … 512, and never above `reqq` (at least 1).
 */
export const requestDepth = (input: {
  readonly rate: number
  readonly delayMs: number
  readonly reqq: number
}): number =>
  clampDepth(Math.ceil((input.rate * (input.delayMs + SLACK_MS)) / 1000 / BLOCK_BYTES), input.reqq)

/**
 * The depth for one peer as it learns. Slow start: 32, and one more a block received, which doubles it each round trip,
 * until the rate no longer grows by a tenth a second; from then on `requestDepth`.
 *
 * Mutable, for one owner; written only through the functions of this file.
 */
export interface RequestDepth {
  /** Blocks since slow start began, and how many of those at the last sample. */
  received: number
  receivedAtSample: number
  isSlowStart: boolean
  /** The shortest ever: later ones wait behind our own requests, and a depth built on them would feed itself. */
  minDelayMs: number
  rate: number
  sampledAt: number
}

export const createDepth = (): RequestDepth => ({
  received: 0,
  receivedAtSample: 0,
  isSlowStart: true,
  minDelayMs: Infinity,
  rate: 0,
  sampledAt: -Infinity,
})

/**
 * A requested block came. Hot: once a block.
 *
 * @param delayMs - since its request was sent; may be left out.
 */
export const onBlockReceived = (depth: RequestDepth, delayMs = Infinity): void => {
  depth.received++
  depth.minDelayMs = Math.min(depth.minDelayMs, delayMs)
}

/** Takes the peer's smoothed payload rate (bytes per second) into account. Call it on every tick. */
export const sampleDepth = (depth: RequestDepth, rate: number, now: number): void => {
  if (!depth.isSlowStart) {
    depth.rate = rate
    return
  }
  // Without a block there is nothing to judge: the peer chokes us, or the first answer is on its way.
  if (depth.received === depth.receivedAtSample || now - depth.sampledAt < SAMPLE_MS) return
  depth.isSlowStart = rate >= depth.rate * GROWTH
  depth.receivedAtSample = depth.received
  depth.sampledAt = now
  depth.rate = rate
}

/** Slow start again: for a peer that unchokes us, whose last rate says nothing now. What was learnt of the delay stays. */
export const restartDepth = (depth: RequestDepth): void => {
  depth.received = 0
  depth.receivedAtSample = 0
  depth.isSlowStart = true
  depth.rate = 0
  depth.sampledAt = -Infinity
}

/** How many requests to keep in flight now; see `requestDepth` for the bounds. Shorter blocks take more of them. */
export const depthOf = (depth: RequestDepth, reqq: number, blockLength = BLOCK_BYTES): number => {
  // Reckoned in slow start too: what first runs in mid-download makes the optimizer begin again.
  const learnt = requestDepth({
    rate: (depth.rate * BLOCK_BYTES) / blockLength,
    delayMs: depth.minDelayMs === Infinity ? USUAL_DELAY_MS : depth.minDelayMs,
    reqq,
  })
  return depth.isSlowStart ? clampDepth(FIRST_DEPTH + depth.received, reqq) : learnt
}

const clampDepth = (wanted: number, reqq: number): number =>
  Math.max(1, Math.min(Math.max(wanted, MIN_DEPTH), reqq, MAX_DEPTH))
