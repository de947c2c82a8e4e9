import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const built = fileURLToPath(new URL('../../../dist/cli.cjs', import.meta.url))

/** `RXTORRENT_COMMAND` (words parted by blanks), or what was built. */
const command = (): ReadonlyArray<string> => {
  const given = process.env['RXTORRENT_COMMAND']
  if (given !== undefined) return given.split(' ')
  if (!existsSync(built)) throw new Error(`${built} is not there: run "npm run build" first`)
  return [process.execPath, built]
}

export interface Ended {
  /** As a shell has it: 128 and its number for a signal. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface JsonEvent {
  readonly event: string
  readonly [field: string]: unknown
}

export interface Running {
  readonly ended: Promise<Ended>
  readonly signal: (signal: NodeJS.Signals) => void
  /** Closes our end of its stdout. */
  readonly closeStdout: () => void
  /** The first event of this name that it prints, of those that `accepts`; rejects if it ends without. */
  readonly event: (name: string, accepts?: (event: JsonEvent) => boolean) => Promise<JsonEvent>
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** A file that takes its stdout, which is then not ours to read. */
  readonly stdout?: number
  /** The same for its stderr. */
  readonly stderr?: number
}

/** What a test transfers stays on this machine, unless it says whom to ask in the DHT. */
const atHome = (args: ReadonlyArray<string>): ReadonlyArray<string> =>
  args[0] === 'download' || args[0] === 'seed'
    ? [
        ...args,
        ...['--no-lsd', '--no-port-mapping'],
        ...(args.includes('--dht-bootstrap') ? [] : ['--no-dht']),
      ]
    : args

/** Starts the built command; it does not outlive the test. */
export const start = (args: ReadonlyArray<string>, { cwd, env, ...files }: RunOptions = {}): Running => {
  const [program = '', ...first] = command()
  const child = spawn(program, [...first, ...atHome(args)], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', files.stdout ?? 'pipe', files.stderr ?? 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  const events: JsonEvent[] = []
  const listeners = new Set<() => void>()
  const tell = (): void => {
    for (const listener of listeners) listener()
  }
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      stdout += `${line}\n`
      if (line.startsWith('{"event"')) events.push(JSON.parse(line) as JsonEvent)
      tell()
    })
  }
  let isOver = false
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      isOver = true
      resolve({ code: signal === null ? code : 128 + constants.signals[signal], stdout, stderr })
      tell()
    })
  })
  onTestFinished(async () => {
    if (!isOver) child.kill('SIGKILL')
    await ended
  })
  return {
    ended,
    signal: (signal) => void child.kill(signal),
    closeStdout: () => child.stdout?.destroy(),
    event: (name, accepts = () => true) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const event = events.find((candidate) => candidate.event === name && accepts(candidate))
          if (event !== undefined) resolve(event)
          else if (isOver) reject(new Error(`it ended without "${name}":\n${stdout}${stderr}`))
        }
        listeners.add(look)
        look()
      }),
  }
}

/** Runs the built command to its end. */
export const rxtorrent = (args: ReadonlyArray<string>, options?: RunOptions): Promise<Ended> =>
  start(args, options).ended
