import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { watchLoop } from '../../bench/support/watchLoop.mjs'
import { tempDir } from '../support/tempDir.js'

const run = promisify(execFile)

/** How late the loop of a program was. */
const watch = async (source: string) => {
  const folder = await tempDir()
  const program = join(folder, 'program.mjs')
  await writeFile(program, source)
  const { node, read } = watchLoop(folder)
  const [command = '', ...args] = node
  await run(command, [...args, program])
  return read()
}

const blockLoop = `setTimeout(() => {
  for (const end = performance.now() + 150; performance.now() < end; );
  setTimeout(() => process.exit(0), 20)
}, 20)`

describe('a watched loop', () => {
  it('tells how long it was held up', async () => {
    const { max, p50, count } = await watch(blockLoop)
    expect(max).toBeGreaterThan(140)
    expect(p50).toBeLessThan(max)
    expect(count).toBeGreaterThan(2)
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
