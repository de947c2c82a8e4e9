import type { PeerAddress } from '../../codecs/peerAddress.js'

/** What a session can be told. */
export type SessionCommand =
  /** Announces `stopped`, flushes, and completes every stream of the session. */
  | { readonly _tag: 'Stop' }
  | { readonly _tag: 'AddPeers'; readonly peers: ReadonlyArray<PeerAddress> }
  | { readonly _tag: 'Ban'; readonly host: string }
  /** A reader needs the pieces `first … last`, in this order, ahead of all else. Replaces its window of before. */
  | { readonly _tag: 'SetWindow'; readonly id: number; readonly first: number; readonly last: number }
  | { readonly _tag: 'ClearWindow'; readonly id: number }
