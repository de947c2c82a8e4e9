import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { CandidateSource } from '../peer/policy.js'
import type { NetworkEvent, PeerEvent, StartedEvent, TickEvent, TrackerEvent } from '../session/event.js'

/** All that can happen to a search for metadata; with its configuration, the whole story. `at` as in a session. */
export type MetadataEvent =
  | StartedEvent
  | PeerEvent
  | NetworkEvent
  | TrackerEvent
  | TickEvent
  | {
      readonly _tag: 'PeersFound'
      readonly at: number
      readonly source: CandidateSource
      readonly peers: ReadonlyArray<PeerAddress>
    }
  /** A peer source threw or ended in an error; the others go on. */
  | {
      readonly _tag: 'SourceFailed'
      readonly at: number
      readonly source: CandidateSource
      readonly message: string
    }
