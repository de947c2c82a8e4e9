import { encodeCompactPeers } from '../../codecs/compactPeers.js'
import type { SessionState } from '../session/state.js'

/** Addresses without anything between them. */
export interface CompactAddresses {
  /** 6 bytes each (BEP 23). */
  readonly v4: Uint8Array
  /** 18 bytes each (BEP 7). */
  readonly v6: Uint8Array
}

/**
 * The addresses that a session knows, in the compact forms that trackers use: to keep, and to give to `addPeers` of the
 * next session. Host names have no compact form and are left out.
 *
 * @example
 * ```ts
 * const { v4, v6 } = compactCandidates(state)
 * other.addPeers(v4)
 * other.addPeers(v6, 6)
 * ```
 */
export const compactCandidates = ({ candidates }: Pick<SessionState, 'candidates'>): CompactAddresses => ({
  v4: encodeCompactPeers(candidates, 4),
  v6: encodeCompactPeers(candidates, 16),
})
