import type { Subscription } from 'rxjs'
import type { Clock, PeerSocket } from '../deps.js'
import type { Pacer } from './pacer.js'
import type { Uplink } from './uplink.js'

/** What travels between two ends. `Accept` opens the connection; `Ack` gives the sender its window back. */
export type Segment =
  | { readonly _tag: 'Accept' }
  | { readonly _tag: 'Data'; readonly bytes: Uint8Array }
  | { readonly _tag: 'Ack'; readonly count: number }
  | { readonly _tag: 'Fin' }
  | { readonly _tag: 'Reset' }

/** One end of a connection. */
export interface Endpoint {
  readonly socket: PeerSocket
  /** Ends when the socket has closed, for whatever reason. */
  readonly lifetime: Subscription
  readonly failure: () => string | undefined
  /** The other end; set once, before anything is sent. */
  readonly attach: (peer: Endpoint) => void
  readonly send: (segment: Segment) => void
  readonly receive: (segment: Segment) => void
  readonly fail: (code: string) => void
  /** Breaks the connection, on both ends. */
  readonly reset: () => void
  /** What was held back may go on. */
  readonly retry: () => void
  /** Drops what is still under way: nobody is left to send it or to hear it. */
  readonly abandon: () => void
}

/** The way from this end to the other. */
export interface Route {
  readonly clock: Clock
  readonly uplink: Uplink
  readonly downlink: Pacer
  /** One way, in milliseconds; asked for each segment. */
  readonly latencyMs: () => number
  readonly isCut: () => boolean
  /** Length of the next chunk, given the most it may be. */
  readonly chunkLength: (limit: number) => number
  /** Whether the network breaks the connection instead of carrying this chunk. */
  readonly isLost: () => boolean
  readonly windowSize: number
  readonly highWaterMark: number
  readonly retransmitTimeoutMs: number
}
