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
export const createPlanner = (
  options: PlannerOptions,
): ((members: ReadonlyArray<Member>, what: 'all' | 'memory') => void) => {
  const { queue, budget, now, onProblem } = options
  let isPlanning = false
  let lastProblem: string | undefined
  /** Answers what is wrong with the queue policy. */
  const planAll = (members: ReadonlyArray<Member>): string | undefined => {
    const problem = queue === undefined ? undefined : runQueue(queue, members, now())
    shareConnections(budget, members.filter(isStaying))
    return problem
  }
  return (members, what) => {
    if (isPlanning) return
    isPlanning = true
    const problem = what === 'all' ? planAll(members) : lastProblem
    shareMemory(budget.memory, members.filter(isStaying))
    isPlanning = false
    if (problem !== undefined && problem !== lastProblem) onProblem(problem)
    lastProblem = problem
  }
}

const isStaying = ({ isLeaving }: Member): boolean => !isLeaving
