import type { PeerAddress } from '../../codecs/peerAddress.js'

/** What a session can be told. */
export type SessionCommand =
  /** Announces `stopped`, flushes, and completes every stream of the session. */
  | { readonly _tag: 'Stop' }
  | { readonly _tag: 'AddPeers'; readonly peers: ReadonlyArray<PeerAddress> }
  | { readonly _tag: 'Ban'; readonly host: string }
  /** Saves resume data now, not when it is due: `ResumeSaved` or `ResumeSaveFailed` tells how it went. */
  | { readonly _tag: 'SaveResume' }
