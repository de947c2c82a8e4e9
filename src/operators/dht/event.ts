import type { Option } from '#fp/Option'
import type { DhtTable } from '../../codecs/dhtTable.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { DhtCommand } from './command.js'

/**
 * All that can happen to a DHT node. The log of these, with its configuration, is the whole story: the fold sees nothing
 * else. `at` is the clock's time in milliseconds; `home` counts the addresses of the configuration.
 */
export type DhtEvent =
  | { readonly _tag: 'Started'; readonly at: number }
  | { readonly _tag: 'Bound'; readonly at: number; readonly home: number; readonly local: PeerAddress }
  /** The port could not be opened, or was closed. */
  | { readonly _tag: 'Unbound'; readonly at: number; readonly home: number; readonly code: string }
  | {
      readonly _tag: 'Received'
      readonly at: number
      readonly home: number
      readonly from: PeerAddress
      readonly bytes: Uint8Array
    }
  /** What the bootstrap names stand for; empty where nobody knows. */
  | { readonly _tag: 'Resolved'; readonly at: number; readonly addresses: ReadonlyArray<PeerAddress> }
  | {
      readonly _tag: 'TableLoaded'
      readonly at: number
      readonly table: Option<DhtTable>
      /** Why there is none, where there should be. */
      readonly problem: Option<string>
    }
  | { readonly _tag: 'TableSaved'; readonly at: number }
  | { readonly _tag: 'TableSaveFailed'; readonly at: number; readonly code: string }
  /** The one timer: every time-out is a comparison with `at`. */
  | { readonly _tag: 'Tick'; readonly at: number }
  | { readonly _tag: 'Command'; readonly at: number; readonly command: DhtCommand }
