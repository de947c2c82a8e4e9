import { tmpdir } from 'node:os'
import { relative } from 'node:path'
import { catchError, of, ReplaySubject, type Observable } from 'rxjs'
import type { WorkAction } from './action.js'
import { exitCode } from './exitCode.js'
import { glyphsFor } from './format/glyphs.js'
import { leave, leaveAfter } from './leave.js'
import { end } from './output.js'
import { paintOn } from './paintOn.js'
import { run } from './run.js'
import { createScreen, type LiveArea, type Screen } from './screen.js'
import { shellQuote } from './shellQuote.js'
import { signals } from './signals.js'
import { unexpectedText } from './unexpectedText.js'
import type { StopSignal, World } from './world.js'
import { writerTo, type Writer } from './writer.js'

const { env, stdout, stderr } = process

/** From a signal to the end, at most: a session says good-bye for five seconds. */
const PATIENCE_MS = 6_000
/** From the last word to the end, at most. */
const LINGER_MS = 1_000

/** As the user called it: by its own name, or as a file that node runs. */
const programName = (script: string): string =>
  /\.[cm]?js$/.test(script) ? `node ${shellQuote(relative('', script))}` : 'rxtorrent'

const openScreen = async (output: Writer, isLive: boolean, isQuiet: boolean): Promise<Screen> => {
  const liveArea: LiveArea | undefined = isLive
    ? (await import('log-update')).createLogUpdate(stderr)
    : undefined
  return createScreen({ stdout: output.write, stderr: writerTo(stderr).write, liveArea, isQuiet })
}

/**
 * The first signal asks the command to stop; the second one ends the process, and so does time. Listens to the end:
 * log-update listens too, and would kill the process were it the only one.
 */
const stopRequests = (screen: Screen): Observable<StopSignal> => {
  const stop$ = new ReplaySubject<StopSignal>(1)
  let isStopping = false
  signals().subscribe({
    next: (signal) => {
      if (isStopping) {
        screen.close()
        leave(exitCode[signal])
      }
      isStopping = true
      leaveAfter(PATIENCE_MS, exitCode[signal])
      stop$.next(signal)
    },
    error: (error: unknown) => {
      throw error
    },
  })
  return stop$.asObservable()
}

/** Does what was asked for, and ends the process. */
export const perform = async (action: WorkAction): Promise<void> => {
  const isJson = 'json' in action && action.json
  const isLive =
    stderr.isTTY && env['TERM'] !== 'dumb' && !isJson && !action.quiet && action._tag !== 'Scrape'
  const output = writerTo(stdout)
  const screen = await openScreen(output, isLive, action.quiet)
  const world: World = {
    program: programName(process.argv[1] ?? 'rxtorrent'),
    stop$: stopRequests(screen),
    style: { glyphs: glyphsFor(env), paint: paintOn(stderr) },
    paintData: paintOn(stdout),
    isLive,
    // The last column stays free: some terminals begin a new line behind it.
    columns: () => Math.max(1, stderr.columns - 1),
    temporaryFolder: tmpdir(),
  }
  process.exitCode = exitCode.unexpected
  run(action, world)
    .pipe(catchError((error: unknown) => of(end(exitCode.unexpected, unexpectedText(error)))))
    .subscribe({
      next: (told) => {
        screen.show(told)
        if (told._tag !== 'End') return
        const code = output.hasFailed ? exitCode.disk : told.code
        process.exitCode = code
        leaveAfter(LINGER_MS, code)
      },
      error: (error: unknown) => {
        throw error
      },
    })
}
