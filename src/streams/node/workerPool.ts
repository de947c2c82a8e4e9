import type { Worker } from 'node:worker_threads'
import type { HashAnswer, HashJob } from './hashJob.js'

/** Jobs posted to a worker at a time: when one is done, the next is there already. */
const JOBS_PER_WORKER = 2

/** A job that was there when so many workers died may well be the cause, and is given up. */
const MAX_ATTEMPTS = 3

/** After so many starts in a row that came to nothing, the pool does without workers. */
const MAX_FAILED_STARTS = 3

export const WORKER_LOST = 'ERR_WORKER_LOST'

export interface WorkerPool {
  /**
   * Queues a job (its `id` is the pool's to choose) and answers once: with the worker's answer, or with `Failed` if
   * there is no worker to be had. The returned function takes the job back; one that runs goes on unheard.
   */
  readonly submit: (job: HashJob, answer: (answer: HashAnswer) => void) => () => void
  /** Ends the workers; jobs under way and later ones answer `Failed` with `code`. */
  readonly close: (code: string) => void
}

export interface WorkerPoolOptions {
  readonly workers: number
  readonly start: () => Worker
}

interface Task {
  readonly job: HashJob
  readonly answer: (answer: HashAnswer) => void
  attempts: number
}

interface Thread {
  readonly worker: Worker
  isReady: boolean
  readonly tasks: Map<number, Task>
}

/**
 * Hash workers behind one queue: started on demand, replaced when they die, and never what keeps the process alive
 * while there is nothing to do.
 */
export const createWorkerPool = ({ workers, start }: WorkerPoolOptions): WorkerPool => {
  const threads = new Set<Thread>()
  let queue: Task[] = []
  let lastId = 0
  let failedStarts = 0
  /** Why there are no more workers. */
  let end: string | undefined

  const dispatch = (): void => {
    let thread = leastBusy(threads)
    while (queue.length > 0 && thread !== undefined && thread.tasks.size < JOBS_PER_WORKER) {
      post(thread, queue.shift()!)
      thread = leastBusy(threads)
    }
    while (threads.size < workers && queue.length > JOBS_PER_WORKER * startingOf(threads)) startThread()
    for (const { worker, tasks, isReady } of threads) {
      if (tasks.size > 0 || (!isReady && queue.length > 0)) worker.ref()
      else worker.unref()
    }
  }

  const post = (thread: Thread, task: Task): void => {
    lastId += 1
    task.attempts += 1
    thread.tasks.set(lastId, task)
    const job = { ...task.job, id: lastId }
    thread.worker.postMessage(job, 'bytes' in job ? [job.bytes.buffer as ArrayBuffer] : [])
  }

  const startThread = (): void => {
    const thread: Thread = { worker: start(), isReady: false, tasks: new Map() }
    threads.add(thread)
    thread.worker.on('message', (answer: HashAnswer) => {
      if (answer._tag === 'Ready') {
        thread.isReady = true
        failedStarts = 0
      } else {
        const task = thread.tasks.get(answer.id)
        thread.tasks.delete(answer.id)
        task?.answer(answer)
      }
      dispatch()
    })
    // `exit` follows.
    thread.worker.on('error', () => undefined)
    thread.worker.on('exit', () => {
      if (!threads.delete(thread)) return
      if (!thread.isReady) failedStarts += 1
      if (failedStarts >= MAX_FAILED_STARTS) finish(WORKER_LOST)
      for (const task of thread.tasks.values()) {
        if (isRepeatable(task) && end === undefined) queue.unshift(task)
        else refuse(task, WORKER_LOST)
      }
      dispatch()
    })
  }

  const finish = (code: string): void => {
    end = code
    const unserved = queue
    queue = []
    for (const task of unserved) refuse(task, code)
    for (const thread of threads) {
      threads.delete(thread)
      for (const task of thread.tasks.values()) refuse(task, code)
      void thread.worker.terminate()
      // Which holds the process until it has come to pass.
      thread.worker.unref()
    }
  }

  return {
    submit: (job, answer) => {
      const task: Task = { job, answer, attempts: 0 }
      if (end !== undefined) {
        refuse(task, end)
        return () => undefined
      }
      queue.push(task)
      dispatch()
      return () => {
        queue = queue.filter((other) => other !== task)
        dispatch()
      }
    },
    close: finish,
  }
}

const leastBusy = (threads: ReadonlySet<Thread>): Thread | undefined => {
  let least: Thread | undefined
  for (const thread of threads) {
    if (thread.isReady && (least === undefined || thread.tasks.size < least.tasks.size)) least = thread
  }
  return least
}

/** Those that will take jobs soon. */
const startingOf = (threads: ReadonlySet<Thread>): number =>
  [...threads].filter(({ isReady }) => !isReady).length

/** What was in a dead worker's memory is gone with it. */
const isRepeatable = ({ job, attempts }: Task): boolean => job._tag === 'Pieces' && attempts < MAX_ATTEMPTS

const refuse = (task: Task, code: string): void => {
  task.answer({ _tag: 'Failed', id: 0, code, file: -1 })
}
