import type { PeerAddress } from '../../../codecs/peerAddress.js'

/** What was told between a peer and us by `ut_pex`. */
export interface PeerExchange {
  /** Told to it and not taken back, by address. */
  readonly told: Map<string, PeerAddress>
  /** Nothing is told before. */
  tellAt: number
  /** Told by it and not taken back. */
  readonly kept: Set<string>
  /** When its last message was taken. */
  takenAt: number
  /** Messages since then: all too soon. */
  tooSoon: number
}

export const createPeerExchange = (): PeerExchange => ({
  told: new Map(),
  tellAt: -Infinity,
  kept: new Set(),
  takenAt: -Infinity,
  tooSoon: 0,
})

/** An address as a key. */
export const addressKey = ({ host, port }: PeerAddress): string => `${host} ${String(port)}`
