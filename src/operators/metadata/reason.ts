/** Why metadata does not come. */
export type MetadataReason =
  /** No tracker, no peer, and no source that looks for any. */
  | { readonly _tag: 'NobodyToAsk' }
  /** No address is known; so many trackers are being asked, so many have failed. */
  | { readonly _tag: 'NoPeersKnown'; readonly trackers: number; readonly failed: number }
  /** Addresses are known, and nobody there has answered yet. */
  | { readonly _tag: 'NoPeerConnected'; readonly candidates: number }
  /** Those connected do not say that they have the metadata. */
  | { readonly _tag: 'PeersLackMetadata'; readonly peers: number }
  /** Those that have it refuse, or are silent. */
  | { readonly _tag: 'PeersRefuse'; readonly peers: number }
  /** What came did not fit the link, so many times. */
  | { readonly _tag: 'MetadataWrong'; readonly times: number }
