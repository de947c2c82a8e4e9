import type { PeerAddress } from '../../codecs/peerAddress.js'

const WINDOW_MS = 60_000
/** Peers of one torrent that the network may name in a minute: more than such a network has. */
const MAX_PEERS = 100
/** Ports of one host among them: two clients, and one that was started again. */
const MAX_PORTS_PER_HOST = 4

/**
 * Whether a peer of a torrent is to be told of: each once a minute, and neither too many nor too many of one host. What
 * several interfaces hear is one announce.
 */
export const createPeerLimit = (): ((peer: PeerAddress, now: number) => boolean) => {
  const portsOf = new Map<string, Set<number>>()
  let count = 0
  let since = -Infinity
  return ({ host, port }, now) => {
    if (now - since >= WINDOW_MS) {
      portsOf.clear()
      count = 0
      since = now
    }
    const ports = portsOf.get(host) ?? new Set()
    if (count >= MAX_PEERS || ports.size >= MAX_PORTS_PER_HOST || ports.has(port)) return false
    portsOf.set(host, ports.add(port))
    count += 1
    return true
  }
}
