import { formatDuration } from './duration.js'

/** From here on a tenth of a second tells nobody anything. */
const LONG = 9.95

/** How long something took, which `formatDuration` would round up: `2.3 s`, `12 s`, `3 min 05 s`. */
export const formatElapsed = (seconds: number): string =>
  seconds < LONG ? `${Math.max(0.1, seconds).toFixed(1)} s` : formatDuration(Math.round(seconds))
