/**
 * Runs tasks in the order they come, each when the one before has returned: a task that brings about another does not
 * nest it. One alone runs at once.
 */
export const trampoline = (): ((task: () => void) => void) => {
  let queue: Array<() => void> = []
  let isRunning = false
  return (task) => {
    queue.push(task)
    if (isRunning) return
    isRunning = true
    try {
      while (queue.length > 0) {
        const due = queue
        queue = []
        for (const next of due) next()
      }
    } finally {
      isRunning = false
    }
  }
}
