import { MAX_METADATA_BYTES } from '../../codecs/limits.js'

/** Every bound of a search for metadata, with its reason. Times in milliseconds, sizes in bytes. */
export const METADATA_LIMITS = {
  /** Peers at once: one is enough, but many have nothing yet, or lie. */
  connections: 30,
  /** Dials under way at once: few enough for home routers. */
  dialling: 16,
  /** What all metadata that is being gathered may come to by what is claimed of it; kept is only what has come. */
  gatheredBytes: 2 * MAX_METADATA_BYTES,
  /** Requests that one peer has to answer at a time: enough for a round trip of 50 ms at 2 MB/s. */
  outstanding: 8,
  /** Peers that are asked for the same piece when no other is left to ask for. */
  askedTwice: 2,
  /** A peer with a request has so long to answer one. */
  answerMs: 10_000,
  /** Not asked again so long after it has refused or kept silent; doubled each time. */
  firstPauseMs: 5_000,
  /** Refusals and silences in a row before a peer is let go. */
  strikes: 3,
  /** A peer that has not said in this time that it has the metadata is let go, and asked again later. */
  patienceMs: 30_000,
  /** Its requests that we answer (by a refusal: we have nothing) before it counts as a flooder. */
  refusals: 256,
  /** Messages that make no sense, or that nobody asked for, before a peer is let go. */
  nonsense: 64,
  keepAliveMs: 110_000,
  /** No byte for that long, keep-alives being due every two minutes (BEP 3): gone. */
  idleMs: 150_000,
  /** Trackers are asked before their time while fewer peers than this are connected. */
  fewPeers: 8,
  /** Peers handed on with the metadata. */
  peersHandedOn: 200,
} as const
