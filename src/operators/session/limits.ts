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
  /** Slots that a session may have, however scarce memory is: with one, nothing would come while it is written. */
  leastSlots: 2,
  /** Dials under way at once: enough to fill up in seconds, few enough for home routers. */
  dialling: 16,
  chokeRoundMs: 10_000,
  /** Requests for metadata that a peer may have waiting (BEP 9); more are refused. */
  metadataQueue: 64,
  /** How often one peer gets all of it: what got lost comes again, a mill does not turn. */
  metadataTimes: 4,
  /** Such requests refused, or senseless, before a peer counts as a flooder. */
  metadataRefusals: 256,
  /** Requests for hashes that a peer may have waiting (BEP 52); more are refused. */
  hashQueue: 64,
  /** How often one peer gets all of them. */
  hashTimes: 4,
  /** Such requests refused before a peer counts as a flooder. */
  hashRefusals: 256,
  /** Hashes of a file's tree that are made where it is asked for, and of larger ones in each turn of the loop: 1 ms. */
  treeHashesAtOnce: 64,
  treeHashes: 512,
  /** Of a piece whose leaves are asked for: it is read and hashed for them, on the loop. */
  leafPieceBytes: 16 * 1024 * 1024,
  /** Bytes hashed for leaves in a second, for all peers together: a sixth of the loop's time at worst. */
  leafRate: 64 * 1024 * 1024,
  /** How far ahead of that rate they may get. */
  leafAheadMs: 250,
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
  /** Pieces that we let a newcomer have while choked: enough to have something to trade, too few to live on. */
  grantedFast: 5,
  /** How often it may have them: who loses a block on the way asks again. */
  grantedTwice: 2,
  /** Refusals without a block between them, from a peer that unchokes us (libtorrent allows 50; ours are batched). */
  rejects: 1_000,
  /** Between two `ut_pex` messages to one peer (BEP 11). */
  pexMs: 60_000,
  /** Of a peer they are taken a little sooner: its clock and the way here are not ours. */
  pexTakenMs: 50_000,
  /** Where there was nothing to tell, a peer's `ut_pex` is looked at again after so long. */
  pexLookMs: 5_000,
  /** Peers that one `ut_pex` message tells of, of each kind: those come, those gone (BEP 11). */
  pexPeers: 50,
  /** Peers told to one peer and not yet taken back: what we remember for it. */
  pexTold: 200,
  /** Addresses that a peer told and has not taken back, beyond which it is not listened to. */
  pexKept: 50,
  /** `ut_pex` messages that came too soon, without one in time between them, before a peer counts as a flooder. */
  pexTooSoon: 10,
  /** `ut_holepunch` messages heard of a peer, or relayed to it, in so long (BEP 55); the others are passed over. */
  holepunches: 10,
  holepunchMs: 60_000,
  /** Times that a seed may lose a piece (BEP 54): each costs a look at all its pieces. */
  relapses: 100,
  /** Between two saves of resume data, while there is news. */
  resumeMs: 60_000,
  /** From the first piece to the save of it: a short download is over by then, and pays for no flush but its last. */
  earlyResumeMs: 5_000,
  /** A store that keeps silent holds up the first request so long at most. */
  firstSaveMs: 2_000,
  /** A store of resume data that has not answered by then will not: a session must not wait for it for ever. */
  storeAnswerMs: 30_000,
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
  /** Without a look at the clock for so long, the machine has slept: idle sessions look every 8 s. */
  sleepMs: 60_000,
  /** A tracker that keeps silent must not hold up the end: who asked to stop waits 5 s at most, all in all. */
  stopMs: 3_500,
} as const
