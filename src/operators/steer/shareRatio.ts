import type { SessionState } from '../session/state.js'

/** A state that may know what earlier runs of the session moved. */
export type SessionStateWithLifetime = SessionState & {
  readonly lifetime?: { readonly downloaded: number; readonly uploaded: number }
}

/**
 * Uploaded by downloaded, over the torrent's lifetime where that is known, else since the start. Who had the data from
 * elsewhere counts as having downloaded what it has; 0 while there is nothing to divide by.
 *
 * @example
 * ```ts
 * const ratio$ = session.state$.pipe(map(shareRatio), distinctUntilChanged())
 * ```
 */
export const shareRatio = (state: SessionStateWithLifetime): number => {
  const { downloaded, uploaded } = state.lifetime ?? state.totals
  const taken = Math.max(downloaded, state.progress.haveBytes)
  return taken > 0 ? uploaded / taken : 0
}
