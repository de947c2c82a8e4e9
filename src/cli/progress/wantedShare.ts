import type { Progress } from '../../index.js'

/** How much of what is wanted is there, 0 to 1; 1 where nothing is. */
export const wantedShare = ({ wantedBytes, wantedHaveBytes }: Progress): number =>
  wantedBytes === 0 ? 1 : wantedHaveBytes / wantedBytes
