import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { charge } from './charge.js'
import { until } from './until.js'

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface RunningProcess {
  readonly label: string
  readonly pid: number
  /** What it wrote so far, both streams, line by line. */
  readonly lines: ReadonlyArray<string>
  /** Settles once it has ended and its output has been read. Never rejects. */
  readonly exit: Promise<Exit>
  /** How it ended; undefined while it runs. */
  readonly ended: () => Exit | undefined
  readonly signal: (signal: NodeJS.Signals) => void
  /** Writes a line to its input. */
  readonly tell: (line: string) => void
  /** Ends it and whatever it started: politely, then not. */
  readonly stop: () => Promise<void>
}

export interface Command {
  readonly label: string
  readonly argv: ReadonlyArray<string>
  readonly cwd?: string
}

const graceMs = 2_000

const killGroup = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal)
  } catch {
    // all gone
  }
}

/** Starts a program in a process group of its own, which is killed if this process dies first. */
export const runProcess = ({ label, argv, cwd }: Command): RunningProcess => {
  const [program = '', ...args] = argv
  const child = spawn(program, args, { cwd, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
  // It may have ended when it is told something.
  child.stdin.on('error', () => undefined)
  const lines: string[] = []
  let ended: Exit | undefined
  const note = (line: string): void => void lines.push(line)
  createInterface({ input: child.stdout }).on('line', note)
  createInterface({ input: child.stderr }).on('line', note)

  const pid = child.pid
  const discharge = pid === undefined ? undefined : charge('group', String(pid))
  const exit = new Promise<Exit>((resolve) => {
    const settle = (code: number | null, signal: NodeJS.Signals | null): void => {
      if (pid !== undefined) killGroup(pid, 'SIGKILL')
      discharge?.()
      ended = { code, signal }
      resolve(ended)
    }
    child.on('close', settle)
    child.on('error', (error) => {
      lines.push(error.message)
      if (pid === undefined) settle(127, null)
    })
  })

  const stop = async (): Promise<void> => {
    if (ended !== undefined || pid === undefined) return
    killGroup(pid, 'SIGTERM')
    const impatience = setTimeout(() => {
      killGroup(pid, 'SIGKILL')
    }, graceMs)
    await exit
    clearTimeout(impatience)
  }

  return {
    label,
    pid: pid ?? -1,
    lines,
    exit,
    ended: () => ended,
    signal: (signal) => void child.kill(signal),
    tell: (line) => void child.stdin.write(`${line}\n`),
    stop,
  }
}

/** Waits for the process to end, and says how. */
export const untilExit = (process: RunningProcess, seconds = 90): Promise<Exit> =>
  until(process.ended, { what: `end of ${process.label}`, seconds })

/** The hope that ends with the process. */
export const whileRunning = (process: RunningProcess) => (): string | undefined => {
  const exit = process.ended()
  return exit && `${process.label} ended (${String(exit.code ?? exit.signal)})`
}
