import type { LsdInterface } from './lsdDeps.js'

/** Something about local discovery that is worth telling. */
export interface LsdNotice extends LsdInterface {
  /**
   * An interface on which nothing can be heard or said at present. The others go on; it is tried again with each announce,
   * and told of once, until it works or fails in another way.
   */
  readonly _tag: 'LsdUnavailable'
  readonly at: number
  /** The system's: `EADDRINUSE`, `ENODEV`, `EAFNOSUPPORT` … */
  readonly code: string
}
