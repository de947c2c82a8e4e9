import * as O from '#fp/Option'
import type { SessionState } from '../../index.js'

/** The progress as a program reads it (`--json`). */
export const progressEvent = (state: SessionState): object => {
  const { phase, progress, rates, totals, peers } = state
  return {
    event: 'progress',
    phase,
    checked: O.toNullable(progress.checked),
    havePieces: progress.havePieces,
    pieceCount: progress.pieceCount,
    haveBytes: progress.haveBytes,
    totalBytes: progress.totalBytes,
    fraction: progress.fraction,
    wantedBytes: progress.wantedBytes,
    wantedHaveBytes: progress.wantedHaveBytes,
    downRate: rates.down,
    upRate: rates.up,
    eta: O.toNullable(rates.eta),
    peers: peers.length,
    seeds: peers.filter((peer) => peer.isSeed).length,
    downloaded: totals.downloaded,
    uploaded: totals.uploaded,
    wasted: totals.wasted,
    corrupt: totals.corrupt,
  }
}
