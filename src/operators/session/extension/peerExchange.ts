import type { PeerAddress } from '../../../codecs/peerAddress.js'

/** What was told between a peer and us by `ut_pex`. */
export interface PeerExchange {
  /** Told to it and not taken back. A list, since there is one for each peer: a map takes five times as much. */
  told: ReadonlyArray<Named>
  /** Nothing is told before. */
  tellAt: number
  /** Told by it and not taken back, by address. */
  kept: ReadonlySet<string>
  /** When its last message was taken. */
  takenAt: number
  /** Messages since then: all too soon. */
  tooSoon: number
  /** As others are told of it. */
  named: Named | undefined
}

/** An address that others can dial, and its key: one record for all who are told of it. */
export interface Named extends PeerAddress {
  readonly key: string
}

const NOBODY_TOLD: ReadonlyArray<Named> = []
const NOBODY_KEPT: ReadonlySet<string> = new Set()

export const createPeerExchange = (): PeerExchange => ({
  told: NOBODY_TOLD,
  tellAt: -Infinity,
  kept: NOBODY_KEPT,
  takenAt: -Infinity,
  tooSoon: 0,
  named: undefined,
})

/** An address as a key. */
export const addressKey = ({ host, port }: PeerAddress): string => `${host} ${String(port)}`
