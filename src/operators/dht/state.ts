import type { Option } from '#fp/Option'
import type { PeerAddress } from '../../codecs/peerAddress.js'

/** A DHT node, as it is at a moment. Immutable. */
export interface DhtState {
  readonly at: number
  /** One for each address of ours: each is a node of its own (BEP 32, BEP 45). */
  readonly homes: ReadonlyArray<DhtHomeState>
  /** Whether any of them is part of the network. */
  readonly isBootstrapped: boolean
  /** Searches under way, and waiting. */
  readonly searches: number
  readonly waiting: number
  readonly stored: DhtStored
  readonly totals: DhtTotals
}

export interface DhtHomeState {
  readonly family: 4 | 6
  /** 20 bytes. */
  readonly nodeId: Uint8Array
  /** The port that is open, while it is. */
  readonly local: Option<PeerAddress>
  /** Why no port is open, where it was refused (`EADDRINUSE` …) or lost (`CLOSED`): the system's code. */
  readonly problem: Option<string>
  /** Where most nodes see us. */
  readonly externalHost: Option<string>
  /** Nodes that answer, and all that are in the table. */
  readonly good: number
  readonly known: number
  readonly isBootstrapped: boolean
}

/** What others have left with us. */
export interface DhtStored {
  readonly torrents: number
  readonly items: number
}

/** Since the start. */
export interface DhtTotals {
  readonly queriesSent: number
  readonly answersReceived: number
  readonly timeouts: number
  readonly queriesReceived: number
  readonly answersSent: number
  /** Queries without an answer, since the limits were reached. */
  readonly queriesDropped: number
  /** Packets that were none, or answered nothing that was asked. */
  readonly packetsIgnored: number
  readonly bytesReceived: number
  readonly bytesSent: number
  readonly answerBytesSent: number
}
