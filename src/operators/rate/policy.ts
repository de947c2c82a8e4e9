/** Bytes of payload per second that a session may move in each direction; `Infinity` for no limit. */
export interface RateLimits {
  readonly down: number
  readonly up: number
}

/** Decides how fast a session may go. Pure; called on every tick. */
export type RatePolicy = (ctx: RateContext) => RateLimits

export interface RateContext {
  readonly now: number
  readonly isSeeding: boolean
  /** Payload bytes per second, smoothed. */
  readonly downRate: number
  readonly upRate: number
  readonly downloaded: number
  readonly uploaded: number
  readonly connectedPeers: number
}

/** No limits. */
export const unlimited: RatePolicy = () => ({ down: Infinity, up: Infinity })
