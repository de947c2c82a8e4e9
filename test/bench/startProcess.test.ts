import { describe, expect, it } from 'vitest'
import { startProcess, stopAll } from '../../bench/support/startProcess.mjs'

/** A program in JavaScript. */
const start = (source: string) => startProcess([process.execPath, '-e', source])

/** Says that a child of its own is there, which holds its output open for as long as it lives. */
const parent = `const { spawn } = require('node:child_process')
  const child = "console.log('child there'); setInterval(() => {}, 1000)"
  spawn(process.execPath, ['-e', child], { stdio: 'inherit' })`

describe('a started program', () => {
  it('is heard to its end', async () => {
    const running = start('console.log(1); console.error(2); process.exitCode = 3')
    expect(await running.ended).toBe(3)
    expect(running.output()).toBe('1\n')
    expect(running.errors()).toBe('2\n')
  })

  it('is waited for until it says something, and stopped', async () => {
    const running = start(`console.log('port 7'); setInterval(() => {}, 1000)`)
    expect(await running.told(/port (\d+)/)).toBe('7')
    await running.stop('SIGTERM')
    expect(await running.ended).toBeNull()
  })

  it('that ends before it says it is a failure', async () => {
    const running = start(`console.error('no room')`)
    await expect(running.told(/port (\d+)/)).rejects.toThrow('no room')
  })

  it('that is not there is a failure', async () => {
    await expect(startProcess(['no-such-program']).ended).rejects.toThrow('ENOENT')
  })

  it('is stopped with what it has started', async () => {
    const running = start(parent)
    expect(await running.told(/child (there)/)).toBe('there')
    await stopAll()
    expect(await running.ended).toBeNull()
  })
})
