/** What the command answers to the shell. */
export const exitCode = {
  done: 0,
  unexpected: 1,
  usage: 2,
  badTorrent: 3,
  noPeers: 4,
  disk: 5,
  notVerified: 6,
  unfinished: 7,
  noPort: 8,
  nobodyAnswered: 9,
  SIGINT: 130,
  SIGTERM: 143,
} as const

export type ExitCode = (typeof exitCode)[keyof typeof exitCode]
