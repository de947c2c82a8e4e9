import { emit } from './emit.js'
import type { SessionModel } from './model.js'

/** What was written is to be safe, as far as a session waits for that. Of several answers the last one counts: it covers all of it. */
export const askFlush = (model: SessionModel): void => {
  model.pendingFlushes++
  model.hasUnflushed = false
  emit(model, { _tag: 'Flush' })
}
