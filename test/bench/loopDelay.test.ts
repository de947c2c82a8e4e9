import { execFile, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { watchLoop } from '../../bench/support/watchLoop.mjs'
import { tempDir } from '../support/tempDir.js'

const run = promisify(execFile)

/** How late the loop of a program was. */
const watch = async (source: string, under: ReadonlyArray<string> = []) => {
  const folder = await tempDir()
  const program = join(folder, 'program.mjs')
  await writeFile(program, source)
  const { node, read } = watchLoop(folder)
  const [command = '', ...args] = [...under, ...node]
  await run(command, [...args, program])
  return read()
}

const blockLoop = `setTimeout(() => {
  for (const end = performance.now() + 150; performance.now() < end; );
  setTimeout(() => process.exit(0), 20)
}, 20)`

const workInSteps = `const last = performance.now() + 600
const step = () => {
  for (const end = performance.now() + 5; performance.now() < end; );
  if (performance.now() < last) setTimeout(step, 1)
}
step()`

describe('a watched loop', () => {
  it('tells how long it was held up', async () => {
    const { max, p50, count } = await watch(blockLoop)
    expect(max).toBeGreaterThan(140)
    expect(p50).toBeLessThan(max)
    expect(count).toBeGreaterThan(2)
  })

  it.runIf(process.platform === 'linux')('tells its own part from waits for a core', async () => {
    const alone = await watch(blockLoop)
    expect(alone.own?.max).toBeGreaterThan(20)
    // Two programs that never rest, on the core that the loop has to share with them.
    const onOneCore = ['taskset', '-c', '0']
    const rivals = [1, 2].map(() => spawn('taskset', ['-c', '0', process.execPath, '-e', 'for (;;);']))
    try {
      const { p99, own } = await watch(workInSteps, onOneCore)
      expect(own?.p99).toBeLessThan(p99 - 3)
    } finally {
      for (const rival of rivals) rival.kill('SIGKILL')
    }
  })

  it('is not that of a worker', async () => {
    // which would have written by its own end
    const { count } = await watch(`import { existsSync } from 'node:fs'
      import { Worker } from 'node:worker_threads'
      const worker = new Worker(${JSON.stringify(blockLoop)}, { eval: true })
      worker.on('exit', () => process.exit(existsSync(process.env.RXTORRENT_LOOP_DELAY) ? 1 : 0))`)
    expect(count).toBeGreaterThan(2)
  })
})
