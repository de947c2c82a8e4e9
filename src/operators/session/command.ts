import type { PeerAddress } from '../../codecs/peerAddress.js'

/** What a session can be told. */
export type SessionCommand =
  /** Announces `stopped`, flushes, and completes every stream of the session. */
  | { readonly _tag: 'Stop' }
  | { readonly _tag: 'AddPeers'; readonly peers: ReadonlyArray<PeerAddress> }
  | { readonly _tag: 'Ban'; readonly host: string }
  | { readonly _tag: 'SetDesired'; readonly desired: 'running' | 'paused' | 'stopped' }
  | { readonly _tag: 'SetConnectionLimits'; readonly connections: number; readonly unchokeSlots: number }
  /** Bytes per second; `Infinity` for no limit. */
  | {
      readonly _tag: 'SetLimits'
      readonly scope: 'session' | 'client'
      readonly down: number
      readonly up: number
    }
