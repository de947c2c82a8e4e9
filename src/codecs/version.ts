/** The version of this package. */
export const VERSION = '0.1.0'

/** How we introduce ourselves to peers (BEP 10 `v`) and trackers. */
export const CLIENT_NAME = `rxtorrent/${VERSION}`
