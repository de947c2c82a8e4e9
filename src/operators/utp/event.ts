import type { UtpPacket } from '../../codecs/utp/utpPacket.js'

/** What happens to a uTP connection. `at` is in milliseconds of a monotonic clock. */
export type UtpEvent =
  /** Begin to dial. */
  | { readonly _tag: 'Dial'; readonly at: number }
  /** A packet of this connection. */
  | { readonly _tag: 'Received'; readonly at: number; readonly packet: UtpPacket }
  /** Bytes to send; the buffers are the connection's from here on. */
  | { readonly _tag: 'Write'; readonly at: number; readonly buffers: ReadonlyArray<Uint8Array> }
  /** Some of what had come was read: there may be room again. */
  | { readonly _tag: 'WasRead'; readonly at: number }
  /** Send what is queued, then close. */
  | { readonly _tag: 'End'; readonly at: number }
  /** Close at once. */
  | { readonly _tag: 'Abandon'; readonly at: number }
  /** The connection's deadline is reached. */
  | { readonly _tag: 'Tick'; readonly at: number }
