import type { ConnectionLimits } from '../../operators/session/connectionLimits.js'
import { SESSION_LIMITS } from '../../operators/session/limits.js'
import type { ClientOptions } from './options.js'

/** What all sessions of a client may have together. */
export interface Budget extends ConnectionLimits {
  /** Bytes of pieces under way. */
  readonly memory: number
}

export const budgetOf = ({
  connections = 200,
  unchokeSlots = 64,
  memory = SESSION_LIMITS.unverifiedBytes,
}: ClientOptions): Budget => ({ connections, unchokeSlots, memory })
