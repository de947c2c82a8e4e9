/** Every bound of a uTP connection, with its reason. Times in milliseconds, sizes in bytes. */
export const UTP_LIMITS = {
  /** Queueing delay that our packets may cause on their way: BEP 29's. */
  targetDelayMs: 100,
  /** What the window grows by in a round trip without any queueing: BEP 29's, two packets. */
  growthBytes: 3_000,
  /** Packets that may be on their way at first. */
  firstPackets: 4,
  /** And at least, however slow the path. */
  fewestPackets: 2,
  /** Packets on their way at most, and kept of those that came early: far from half the circle of sequence numbers. */
  packets: 1_000,
  /** What is kept for a reader: what a path of 100 ms carries at 10 MiB/s. */
  receiveBytes: 1024 * 1024,
  /**
   * What packets that came early may take, in all connections of a port together: 2 000 peers that leave a gap would
   * hold 2 GB. Honest ones have gaps one at a time: a few tens of connections at full speed. When it is used up, each
   * connection may still have the part of one, so that all together take twice as much.
   */
  earlyBytes: 32 * 1024 * 1024,
  /** What each of those costs besides its bytes, so that many small ones are no way around it. */
  earlyPacketBytes: 512,
  /** Bytes waiting to be sent from which on `write` asks to wait, and until when. */
  highWaterBytes: 256 * 1024,
  lowWaterBytes: 64 * 1024,
  /** A packet counts as lost once so many that were sent after it have come. */
  reordering: 3,
  /** Packets that a sack tells of: 32 bytes, as much as others read. */
  sackBytes: 32,
  /** Every second packet is acknowledged at once, or what has come after so long. */
  packetsPerAck: 2,
  ackDelayMs: 10,
  /** Before the first round trip is known, and at least (BEP 29). */
  firstTimeoutMs: 1_000,
  shortestTimeoutMs: 500,
  longestTimeoutMs: 16_000,
  /** Where the last packets are lost nothing tells of it: the very last one is sent again after two round trips and this. */
  tailMs: 20,
  /** Timeouts in a row, doubling, after which a dial, or a connection, has failed: 3 and some 30 seconds. */
  dialTimeouts: 2,
  timeouts: 6,
  /** A translator forgets a connection over which nothing goes for 30 s. */
  keepAliveMs: 29_000,
  /** A peer that has no room is asked so often whether it has. */
  probeMs: 5_000,
  /** A peer that neither takes what is queued nor closes is cut off this long after `end`. */
  endMs: 5_000,
  /** Delays are measured against the least one of so many minutes: clocks drift, routes change. */
  delayMinutes: 3,
  /** Who has not answered our answer to its SYN by then may never have sent one. */
  halfOpenMs: 3_000,
  halfOpen: 256,
  /** Answers to one SYN, lost ones and forged ones alike. */
  synAnswers: 3,
  /** Resets in answer to packets of no connection of ours, in a second. */
  resetsPerSecond: 20,
  /** Connections of one port. */
  connections: 2_000,
} as const

/**
 * A packet's bytes below the headers of IP and UDP. IPv4: what passes a tunnel, or PPPoE, in one piece. IPv6: what every
 * network passes, since nobody on the way takes one apart.
 */
export const UTP_PACKET_BYTES = { 4: 1_400, 6: 1_232 } as const
