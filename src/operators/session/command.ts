import type { PeerAddress } from '../../codecs/peerAddress.js'

/** What a session can be told. */
export type SessionCommand =
  /** Announces `stopped`, flushes, and completes every stream of the session. */
  | { readonly _tag: 'Stop' }
  | { readonly _tag: 'AddPeers'; readonly peers: ReadonlyArray<PeerAddress> }
  | { readonly _tag: 'Ban'; readonly host: string }
  /** Bytes of payload per second, `Infinity` for no limit, 0 for nothing. The least of the rate policy's, the session's
   * and the client's limit counts. */
  | {
      readonly _tag: 'SetLimits'
      readonly scope: 'session' | 'client'
      readonly down: number
      readonly up: number
    }
  /** Something given by the user that emits has failed: told of as `PolicyFailed`. */
  | { readonly _tag: 'ReportFailure'; readonly policy: 'limits' | 'stream'; readonly message: string }
