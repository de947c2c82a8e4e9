import type { DhtTable } from '../../codecs/dhtTable.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'

/** All that a DHT node can ask of the world. Each is answered, if at all, by events. */
export type DhtEffect =
  /** Open the port of that address: `Bound` or `Unbound`. */
  | { readonly _tag: 'Bind'; readonly home: number }
  | {
      readonly _tag: 'Send'
      readonly home: number
      readonly to: PeerAddress
      readonly bytes: Uint8Array
    }
  /** Look the bootstrap names up: `Resolved`. */
  | { readonly _tag: 'Resolve' }
  | { readonly _tag: 'LoadTable' }
  | { readonly _tag: 'SaveTable'; readonly table: DhtTable }
