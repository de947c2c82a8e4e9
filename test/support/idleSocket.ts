import { NEVER } from 'rxjs'
import type { PeerSocket } from '../../src/streams/deps.js'

/** A connection to that host over which nothing ever comes, and which takes everything. */
export const idleSocket = (host: string): PeerSocket => ({
  remote: { host, port: 1 },
  chunk$: NEVER,
  drain$: NEVER,
  write: () => true,
  pause: () => undefined,
  resume: () => undefined,
  end: () => undefined,
  destroy: () => undefined,
})
