import type { Session } from '../session.js'

/** What `add` came to. */
export interface Added {
  readonly infohash: string
  readonly session: Session
  /** False: it was there already, and stays as it was. */
  readonly isNew: boolean
}
