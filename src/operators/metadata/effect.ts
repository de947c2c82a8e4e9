import type { SessionEffect } from '../session/effect.js'

type Shared = 'Listen' | 'Dial' | 'Close' | 'Send' | 'Announce'

/** All that a search for metadata can ask of the world. */
export type MetadataEffect =
  | Extract<SessionEffect, { readonly _tag: Shared }>
  /** The port is free for who goes on with the torrent. */
  | { readonly _tag: 'StopListening' }
