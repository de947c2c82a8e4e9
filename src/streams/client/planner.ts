import type { QueuePolicy } from '../../operators/queue/policy.js'
import type { Budget } from './budget.js'
import type { Member } from './member.js'
import { runQueue } from './runQueue.js'
import { shareConnections } from './shareConnections.js'
import { shareMemory } from './shareMemory.js'

export interface PlannerOptions {
  readonly queue: QueuePolicy | undefined
  readonly budget: Budget
  readonly now: () => number
  /** What was wrong with the policy's answer, when it was not the same last time. */
  readonly onProblem: (message: string) => void
}

/**
 * Decides anew who runs and who gets what, and tells the sessions. A call from inside itself (a session answers at once
 * to what it is told) does nothing: what it would go by is looked at again on the next beat.
 */
export const createPlanner = (options: PlannerOptions): ((members: ReadonlyArray<Member>) => void) => {
  const { queue, budget, now, onProblem } = options
  let isPlanning = false
  let lastProblem: string | undefined
  return (members) => {
    if (isPlanning) return
    isPlanning = true
    const problem = queue === undefined ? undefined : runQueue(queue, members, now())
    const staying = members.filter(({ isLeaving }) => !isLeaving)
    shareConnections(budget, staying)
    shareMemory(budget.memory, staying)
    isPlanning = false
    if (problem !== undefined && problem !== lastProblem) onProblem(problem)
    lastProblem = problem
  }
}
