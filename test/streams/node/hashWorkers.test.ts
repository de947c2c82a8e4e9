import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { firstValueFrom } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createHashPool } from '../../../src/streams/node/hashPool.js'
import { hashWorkerCount, prepareHashing, startHashWorker } from '../../../src/streams/node/hashWorkers.js'
import { payload } from '../../support/storageLayout.js'

const take = (): Worker => {
  const worker = startHashWorker()
  onTestFinished(async () => {
    await worker.terminate()
  })
  return worker
}

/** All that were started ahead, so that the next test begins with none. */
const takeAll = (): ReadonlyArray<Worker> => Array.from({ length: hashWorkerCount() }, take)

/** The threads that it starts. */
const startedBy = async (start: () => void): Promise<ReadonlyArray<Worker>> => {
  const workers: Worker[] = []
  const add = (worker: Worker): number => workers.push(worker)
  process.on('worker', add)
  start()
  // Told in the next tick.
  await Promise.resolve()
  await new Promise((resolve) => {
    process.nextTick(resolve)
  })
  process.off('worker', add)
  return workers
}

describe('startHashWorker', () => {
  it('starts a thread that says when it is ready', async () => {
    expect(await once(take(), 'message')).toEqual([{ _tag: 'Ready' }])
  })

  it('takes one that was started ahead, and it says so once it is taken, however long it was ready', async () => {
    const ahead = await startedBy(prepareHashing)
    await Promise.all(ahead.map((worker) => once(worker, 'message')))
    const workers = takeAll()
    expect(new Set(workers)).toEqual(new Set(ahead))
    const words = await Promise.all(workers.map((worker) => once(worker, 'message')))
    expect(words).toEqual(workers.map(() => [{ _tag: 'Ready' }]))
  })

  it('takes none that has died meanwhile', async () => {
    const ahead = await startedBy(prepareHashing)
    await Promise.all(ahead.map((worker) => worker.terminate()))
    const worker = take()
    expect(ahead).not.toContain(worker)
    expect(await once(worker, 'message')).toEqual([{ _tag: 'Ready' }])
  })

  it('has each thread used once', () => {
    prepareHashing()
    prepareHashing()
    const workers = [...takeAll(), take()]
    expect(new Set(workers).size).toBe(hashWorkerCount() + 1)
  })
})

describe('prepareHashing', () => {
  it('gives a pool threads that hash', async () => {
    prepareHashing()
    const pool = createHashPool()
    onTestFinished(pool.close)
    const bytes = payload(100_000)
    const expected = createHash('sha1').update(bytes).digest()
    const { digest } = await firstValueFrom(pool.hasher.sha1(bytes))
    expect(Buffer.compare(digest, expected)).toBe(0)
    takeAll()
  })
})
