/** The `SocketError` code of a dial that was not made: other sessions have all connections that there may be. */
export const NO_BUDGET = 'EBUDGET'

/** Every bound of a session, with its reason. Times in milliseconds, sizes in bytes. */
export const SESSION_LIMITS = {
  /** Received and not yet on disk, in all: what a slow disk can make us hold. */
  unverifiedBytes: 64 * 1024 * 1024,
  /** Of those, waiting to be verified and written: more would only be memory that no cache holds any longer. */
  wholeBytes: 16 * 1024 * 1024,
  /** Pieces above a quarter of that would leave fewer than four under way: they are written through. */
  largestSlot: 16 * 1024 * 1024,
  /** Dials under way at once: enough to fill up in seconds, few enough for home routers. */
  dialling: 16,
  chokeRoundMs: 10_000,
  /** Requests for metadata that a peer may have waiting (BEP 9); more are refused. */
  metadataQueue: 64,
  /** How often one peer gets all of it: what got lost comes again, a mill does not turn. */
  metadataTimes: 4,
  /** Such requests refused, or senseless, before a peer counts as a flooder. */
  metadataRefusals: 256,
  /** Requests that a peer may have waiting at us; announced as `reqq`. */
  uploadQueue: 500,
  /** Requests refused, or cancelled, without a block served between them before a peer counts as a flooder. */
  refusedRequests: 2_000,
  /** Being read from disk or waiting in the socket for one peer: enough to keep a fast link busy. */
  servingBytes: 1024 * 1024,
  /** One read for a run of requests. */
  serveRun: 256 * 1024,
  /** A silent peer with requests open is snubbed: its blocks may be asked of others. */
  snubMs: 20_000,
  /** No byte for that long, keep-alives being due every two minutes (BEP 3): gone. */
  idleMs: 150_000,
  keepAliveMs: 110_000,
  /** A block is asked of so many peers in the endgame; of one more that has sent something, lest the silent take all places. */
  endgameRequests: 2,
  /** What an idle peer may ask twice at a time. */
  endgameBatch: 16,
  /** A block that a reader waits for is asked of a second peer after so long. */
  urgentMs: 2_000,
  /** Unasked or doubled payload: this much and 2 % of what came well. */
  wasteBytes: 64 * 16_384,
  /** Pieces that a peer may allow fast and have us remember. */
  allowedFast: 64,
  /** Refusals without a block between them, from a peer that unchokes us (libtorrent allows 50; ours are batched). */
  rejects: 1_000,
  /** Between two saves of resume data, while there is news. */
  resumeMs: 60_000,
  /** Between two tries of a save that keeps failing, at most. */
  resumeRetryMs: 3_600_000,
  /** Between two tries of a storage that failed: the first wait, which doubles up to the last. */
  firstStorageRetryMs: 1_000,
  storageRetryMs: 30_000,
  /** What a peer has been asked and does not answer must not hold up a pause. */
  pauseMs: 3_000,
  /** Without payload either way for so long, a peer gives way to others where all places are taken. */
  uselessMs: 120_000,
  /** Between two notices of one failure of one policy. */
  policyNoticeMs: 10_000,
  /** Failures of policies told apart: messages may be anything. */
  policyFailures: 32,
  /** A tracker that keeps silent must not hold up the end: who asked to stop waits 5 s at most, all in all. */
  stopMs: 3_500,
} as const
