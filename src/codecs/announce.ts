/** What an announce says (BEP 3, 7, 23). The tracker protocol is left to the driver. */
export interface AnnounceRequest {
  readonly infohash: Uint8Array
  readonly peerId: Uint8Array
  readonly port: number
  readonly uploaded: number
  readonly downloaded: number
  readonly left: number
  /** `paused`: a partial seed, which wants nothing any more and does not have all (BEP 21). */
  readonly event: 'started' | 'completed' | 'stopped' | 'paused' | undefined
  readonly numWant: number
  /** Identifies us across addresses; 32 bits. */
  readonly key: number
  readonly trackerId: string | undefined
}

/** What came back, validated and bounded. */
export interface AnnounceResponse {
  /** Seconds, as sent (clamped by the schedule, not here); 1 800 where the tracker did not say. */
  readonly interval: number
  readonly minInterval: number | undefined
  readonly complete: number | undefined
  readonly incomplete: number | undefined
  readonly trackerId: string | undefined
  readonly warning: string | undefined
  /** BEP 24. */
  readonly externalIp: string | undefined
  readonly peers: ReadonlyArray<AnnouncedPeer>
}

export interface AnnouncedPeer {
  /** An IP address, or, in the old dictionary form, possibly a host name. */
  readonly host: string
  readonly port: number
}
