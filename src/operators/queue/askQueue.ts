import { fifoQueue } from './fifoQueue.js'
import type { QueueContext, QueuePolicy, SessionKey } from './policy.js'

/** Who is to run, and what was wrong with the policy's own answer, if anything. */
export interface QueueAnswer {
  readonly running: ReadonlySet<SessionKey>
  readonly problem: string | undefined
}

/**
 * Asks a policy that is somebody else's code: if it throws or answers nonsense, `fifoQueue()` answers and
 * `problem` says why. Who is not wanted to run is not in the answer.
 */
export const askQueue = (policy: QueuePolicy, ctx: QueueContext): QueueAnswer => {
  let problem: string | undefined
  try {
    const keys: unknown = policy(ctx)
    problem = nonsense(keys, ctx)
    if (problem === undefined) return { running: runnable(keys as ReadonlySet<SessionKey>, ctx), problem }
  } catch (thrown) {
    problem = thrown instanceof Error ? thrown.message : 'threw a value that is no Error'
  }
  return { running: runnable(fallback(ctx), ctx), problem }
}

const fallback = fifoQueue()

const nonsense = (keys: unknown, { sessions }: QueueContext): string | undefined => {
  if (!(keys instanceof Set)) return 'the answer is not a Set'
  const known = new Set<unknown>(sessions.map(({ key }) => key))
  for (const key of keys) if (!known.has(key)) return 'the answer holds a key that is no session'
  return undefined
}

const runnable = (keys: ReadonlySet<SessionKey>, { sessions }: QueueContext): ReadonlySet<SessionKey> =>
  new Set(sessions.filter(({ key, desired }) => desired === 'running' && keys.has(key)).map(({ key }) => key))
