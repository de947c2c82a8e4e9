/** Connections that a session keeps to, and how many peers it serves at once. */
export interface ConnectionLimits {
  readonly connections: number
  /** Unchoked at once, the optimistic one included. */
  readonly unchokeSlots: number
}

/** Beyond a few dozen, more peers add overhead, not speed; eight slots are libtorrent's default. */
export const DEFAULT_CONNECTION_LIMITS: ConnectionLimits = { connections: 50, unchokeSlots: 8 }

/** Each takes some 10 KB, idle. How many sockets there may be is the system's to say. */
export const MAX_CONNECTIONS = 10_000

/** Accepted beyond `connections`, so that a full session still answers those who find it. */
export const incomingReserve = (connections: number): number => Math.min(10, Math.ceil(connections / 5))

/** What is wrong with the limits; undefined: nothing. */
export const connectionLimitsProblem = ({
  connections,
  unchokeSlots,
}: ConnectionLimits): string | undefined => {
  if (!Number.isInteger(connections) || connections < 1 || connections > MAX_CONNECTIONS) {
    return `connections must be an integer from 1 to ${String(MAX_CONNECTIONS)}`
  }
  return Number.isInteger(unchokeSlots) && unchokeSlots >= 0 && unchokeSlots <= MAX_CONNECTIONS
    ? undefined
    : `unchokeSlots must be an integer from 0 to ${String(MAX_CONNECTIONS)}`
}
