import type { SessionState } from '../session/state.js'

/**
 * Uploaded by downloaded, over the torrent's lifetime. Who had the data from
 * elsewhere counts as having downloaded what it has; 0 while there is nothing to divide by.
 *
 * @example
 * ```ts
 * const ratio$ = session.state$.pipe(map(shareRatio), distinctUntilChanged())
 * ```
 */
export const shareRatio = ({ lifetime, progress }: SessionState): number => {
  const taken = Math.max(lifetime.downloaded, progress.haveBytes)
  return taken > 0 ? lifetime.uploaded / taken : 0
}
