import * as O from '#fp/Option'
import { pieceStatus, type SessionState } from '../session/state.js'
import { downloadReasons } from './downloadReasons.js'
import { noPeerReason } from './noPeerReason.js'
import type { Reason } from './reason.js'
import { limitReason, uploadReasons } from './uploadReasons.js'

/** What a session cannot know of itself. */
export interface ExplainContext {
  /** A client's queue holds it back. */
  readonly isQueued?: boolean
}

/**
 * Why nothing, or little, is moving, the weightiest reason first; empty while all is well. Pure: it reads the state and
 * nothing else. A session that has all that it wants says `Done`, and behind it why nothing is uploaded.
 *
 * @example
 * ```ts
 * explain(state) // [{ _tag: 'AllChoked', by: 'peers', peers: 3 }]
 * ```
 */
export const explain = (state: SessionState, context: ExplainContext = {}): ReadonlyArray<Reason> => {
  const held = heldBack(state, context)
  if (held !== undefined) return [held]
  if (state.phase === 'seeding')
    return [seedingReason(state), ...(noPeerReason(state) ?? uploadReasons(state))]
  if (state.awaitsPriorities) return [{ _tag: 'WaitingForSelection' }]
  return noPeerReason(state) ?? [...downloadReasons(state), ...limitReason(state, 'up')]
}

/** What keeps a session from moving anything at all. */
const heldBack = (state: SessionState, { isQueued = false }: ExplainContext): Reason | undefined => {
  const { phase, progress, storage } = state
  if (phase === 'stopping' || phase === 'stopped') return { _tag: 'Stopped', isOver: phase === 'stopped' }
  if (storage._tag === 'Stalled')
    return { _tag: 'DiskFailed', error: storage.error, retryAt: storage.retryAt }
  if (isQueued) return { _tag: 'Queued' }
  if (phase === 'paused' || phase === 'pausing') return { _tag: 'Paused', isDraining: phase === 'pausing' }
  // The storage is being opened again.
  if (phase === 'opening' || phase === 'stalled') return { _tag: 'Opening' }
  if (phase !== 'checking') return undefined
  return { _tag: 'Checking', fraction: O.getOrElse(() => 0)(progress.checked) }
}

const seedingReason = ({ pieces }: SessionState): Reason => {
  const isLeftOut = pieces.status.some(
    (status, piece) => status !== pieceStatus.have && pieces.priority[piece] === 0,
  )
  return isLeftOut && pieces.priority.every((priority) => priority === 0)
    ? { _tag: 'NothingWanted' }
    : { _tag: 'Done' }
}
