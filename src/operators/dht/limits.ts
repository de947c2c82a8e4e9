/** Every bound of a DHT node, with its reason. Times in milliseconds, sizes in bytes. */
export const DHT_LIMITS = {
  /** Answers, all together: what a forged sender can turn against somebody. */
  answerBytesPerSecond: 8_000,
  /** Queries looked at of one source in that time: five a second, but a client that starts asks many at once. */
  queriesPerSource: 50,
  sourceMs: 10_000,
  /** Sources counted in that time: a flood has more, and gets nothing. */
  sources: 10_000,
  /** An answer is at most so many times its query, lest the node be a lever. */
  amplification: 8,
  /** An answer of any kind: what passes every link in one piece, headers taken off. */
  answerBytes: 1_200,
  /** Queries on their way at once. */
  transactions: 512,
  /** No answer for so long: the next is asked as well. */
  lateMs: 1_500,
  /** No answer for so long: the node has failed. */
  timeoutMs: 6_000,
  tickMs: 500,
  /** Searches under way at once; the others wait. */
  tasks: 16,
  /** Searches that wait: one for each torrent of a large client. */
  waitingTasks: 10_000,
  /** How long a search waits for the first bootstrap. */
  patienceMs: 8_000,
  /** Queries of one search, all families together: far more than one that gets anywhere needs. */
  taskQueries: 150,
  /** Peers told of one search. */
  taskPeers: 2_000,
  /** Infohashes kept of one answer, as many as fit a packet (BEP 51). */
  samples: 50,
  /** Peers named in one answer. */
  values: 100,
  /** Infohashes named in answers are others after so long (BEP 51). */
  sampleMs: 300_000,
  /** Infohashes named in one answer. */
  namedSamples: 20,
  /** Nodes named in an answer, kept of one, and asked to store (BEP 5: K). */
  nodes: 8,
  /** Addresses given as starting points, all sources together. */
  bootstrapAddresses: 64,
  /** Nodes that are given from outside and not yet checked; pinged a few a tick. */
  candidates: 64,
  pingsPerTick: 8,
  /** After a bootstrap that came to little; doubles up to the other. */
  bootstrapMs: 5_000,
  longestBootstrapMs: 300_000,
  /** Nodes of the other network are asked so often, while nobody is known in this one. */
  helpMs: 30_000,
  /** Fewer good nodes than this is not being part of the network. */
  fewNodes: 4,
  /** What nobody has renewed is looked for so often. */
  expireMs: 60_000,
  /** The table is saved so often, and at a stop. */
  saveMs: 600_000,
  /** What a source says of our address is forgotten with its say; a change of id is at most so often. */
  renumberMs: 600_000,
} as const
