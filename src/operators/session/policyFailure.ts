import { notify } from './emit.js'
import { SESSION_LIMITS } from './limits.js'
import type { SessionModel } from './model.js'
import type { PolicyName } from './notice.js'

/** A policy failed: told of at once, then every 10 s at most, with how often. */
export const reportPolicyFailure = (model: SessionModel, policy: PolicyName, message: string): void => {
  const { policyFailures, now } = model
  const isFull = policyFailures.size >= SESSION_LIMITS.policyFailures
  const name = `${policy} ${message}`
  // Messages may all differ: those beyond the bound count as one.
  const key = isFull && !policyFailures.has(name) ? policy : name
  const known = policyFailures.get(key)
  if (known !== undefined) {
    known.count++
    return
  }
  policyFailures.set(key, { policy, message, toldAt: now, count: 0 })
  notify(model, { _tag: 'PolicyFailed', at: now, policy, message, count: 1 })
}

/** Tells what has failed again since it was told, and forgets what has not. */
export const tellPolicyFailures = (model: SessionModel): void => {
  const { policyFailures, now } = model
  for (const [key, failure] of policyFailures) {
    if (now - failure.toldAt < SESSION_LIMITS.policyNoticeMs) continue
    const { policy, message, count } = failure
    if (count === 0) {
      policyFailures.delete(key)
      continue
    }
    failure.toldAt = now
    failure.count = 0
    notify(model, { _tag: 'PolicyFailed', at: now, policy, message, count })
  }
}
