import { execFile, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
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

/** What the system tells of this process; nothing where it tells none. */
const toldBySystem = (name: string): string => {
  try {
    return readFileSync(`/proc/self/${name}`, 'latin1')
  } catch {
    return ''
  }
}

const blockLoop = `setTimeout(() => {
  for (const end = performance.now() + 150; performance.now() < end; );
  setTimeout(() => process.exit(0), 20)
}, 20)`

/** Five milliseconds of CPU at a time, however long those take. */
const workInSteps = `const last = performance.now() + 600
const used = () => process.cpuUsage().user
const step = () => {
  for (const end = used() + 5_000; used() < end; );
  if (performance.now() < last) setTimeout(step, 1)
}
step()`

const [core = '0'] = /Cpus_allowed_list:\s*(\d+)/.exec(toldBySystem('status'))?.slice(1) ?? []
const onOneCore = ['taskset', '-c', core]
/** Where the system counts waits, and a program can be kept on one core. */
const tellsWaits = toldBySystem('schedstat') !== '' && spawnSync('taskset', ['-c', core, 'true']).status === 0

describe('a watched loop', () => {
  it('tells how long it was held up', async () => {
    const { max, p50, count, stolen } = await watch(blockLoop)
    expect(max).toBeGreaterThan(140)
    expect(p50).toBeLessThan(max)
    expect(count).toBeGreaterThan(2)
    expect(stolen === undefined || (stolen >= 0 && stolen % 10 === 0)).toBe(true)
  })

  it.runIf(tellsWaits)('tells its own part from waits for a core', async () => {
    // Two programs that do not rest, on the core that the loop has to share with them.
    const [first = '', ...args] = onOneCore
    const busy = 'for (const end = performance.now() + 20_000; performance.now() < end; );'
    const rivals = [1, 2].map(() => spawn(first, [...args, process.execPath, '-e', busy]))
    try {
      const { p99, own } = await watch(workInSteps, onOneCore)
      expect(own?.p99).toBeLessThan(p99 - 3)
      expect(own?.p99).toBeGreaterThan(2)
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
