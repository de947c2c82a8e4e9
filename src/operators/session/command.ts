import type { PeerAddress } from '../../codecs/peerAddress.js'

/** What a session can be told. */
export type SessionCommand =
  /** Announces `stopped`, flushes, and completes every stream of the session. */
  | { readonly _tag: 'Stop' }
  | { readonly _tag: 'AddPeers'; readonly peers: ReadonlyArray<PeerAddress> }
  | { readonly _tag: 'Ban'; readonly host: string }
  /**
   * What each file is worth: one whole number for each of `metainfo.files`, 0 (not wanted) to 7 (first), 4 by default.
   * A piece counts as its most wanted file. What is not wanted any more is asked for no longer; what was not, now is.
   */
  | { readonly _tag: 'SetPriorities'; readonly priorities: ReadonlyArray<number> }
  /**
   * A reader needs the pieces `first … last`, in order, ahead of all else, wanted or not. The same `id` again moves the
   * window.
   */
  | { readonly _tag: 'SetWindow'; readonly id: number; readonly first: number; readonly last: number }
  | { readonly _tag: 'ClearWindow'; readonly id: number }
