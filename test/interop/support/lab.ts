import { mkdtempSync, mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'vitest'
import { charge } from './charge.js'
import { runProcess, type Command, type RunningProcess } from './runProcess.js'

/** One test's belongings: all are gone when it ends. */
export interface Lab {
  /** A folder in the lab's own, made if it is not there. */
  readonly folder: (name: string) => string
  /** Starts a program that is stopped when the test ends. */
  readonly run: (command: Command) => RunningProcess
  /** To be undone when the test ends, last first. */
  readonly defer: (undo: () => void | Promise<void>) => void
}

const shownLines = 25

const report = (process: RunningProcess): string => {
  const exit = process.ended()
  const state = exit === undefined ? 'running' : `ended with ${String(exit.code ?? exit.signal)}`
  const lines = process.lines.filter((line) => !line.startsWith('{"event":"progress"'))
  return [`--- ${process.label} (${state})`, ...lines.slice(-shownLines)].join('\n')
}

/** Opens a lab for a test. When the test fails, the programs' last words are shown. */
export const openLab = ({ onTestFailed, onTestFinished }: TestContext): Lab => {
  const root = mkdtempSync(join(tmpdir(), 'rxtorrent-interop-'))
  const undos: (() => void | Promise<void>)[] = []
  const processes: RunningProcess[] = []
  const discharge = charge('folder', root)
  undos.push(() => {
    rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
    discharge()
  })
  onTestFailed(() => {
    console.error(processes.map(report).join('\n'))
  })
  onTestFinished(async () => {
    for (const undo of undos.reverse()) await undo()
  })

  return {
    folder: (name) => {
      const path = join(root, name)
      mkdirSync(path, { recursive: true })
      return path
    },
    run: (command) => {
      const process = runProcess(command)
      processes.push(process)
      undos.push(process.stop)
      return process
    },
    defer: (undo) => void undos.push(undo),
  }
}
