#!/usr/bin/env node
import { tmpdir } from 'node:os'
import { relative } from 'node:path'
import { styleText } from 'node:util'
import { catchError, of, ReplaySubject, type Observable } from 'rxjs'
import { VERSION } from '../index.js'
import type { Action } from './action.js'
import { parseArgs } from './args.js'
import { exitCode } from './exitCode.js'
import { glyphsFor } from './format/glyphs.js'
import { plainText } from './format/plainText.js'
import { end } from './output.js'
import { run } from './run.js'
import { createScreen, type LiveArea, type Screen } from './screen.js'
import { shellQuote } from './shellQuote.js'
import { signals } from './signals.js'
import { systemText } from './storageText.js'
import { noPaint, type Paint, type StopSignal, type World } from './world.js'

const { env, stdout, stderr } = process

/** Writes to a stream until it breaks. That nobody reads it any more (`EPIPE`) is no misfortune of ours. */
const writerTo = (stream: NodeJS.WriteStream): Writer => {
  const writer = {
    hasFailed: false,
    write: (text: string): void => {
      if (!isBroken) stream.write(text)
    },
  }
  let isBroken = false
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && !isBroken && stream !== stderr) {
      writer.hasFailed = true
      process.exitCode = exitCode.disk
      stderr.write(`rxtorrent: ${systemText('write', 'the output', error)}\n`)
    }
    isBroken = true
  })
  return writer
}

interface Writer {
  readonly hasFailed: boolean
  readonly write: (text: string) => void
}

const paintOn = (stream: NodeJS.WriteStream): Paint =>
  stream.isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb'
    ? (colour, text) => styleText(colour, text, { validateStream: false })
    : noPaint

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
 * The first signal asks the command to stop; the second one ends the process. Listens to the end: log-update listens too,
 * and would kill the process were it the only one.
 */
const stopRequests = (screen: Screen): Observable<StopSignal> => {
  const stop$ = new ReplaySubject<StopSignal>(1)
  let isStopping = false
  signals().subscribe({
    next: (signal) => {
      if (isStopping) {
        screen.close()
        process.exit(exitCode[signal])
      }
      isStopping = true
      stop$.next(signal)
    },
    error: (error: unknown) => {
      throw error
    },
  })
  return stop$.asObservable()
}

const unexpected = (error: unknown): string =>
  `unexpected: ${plainText(error instanceof Error ? error.message : String(error))}`

const perform = async (action: Action): Promise<void> => {
  const isJson = 'json' in action && action.json
  const isLive = stderr.isTTY && env['TERM'] !== 'dumb' && !isJson && !action.quiet && action._tag !== 'Info'
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
    .pipe(catchError((error: unknown) => of(end(exitCode.unexpected, unexpected(error)))))
    .subscribe({
      next: (told) => {
        screen.show(told)
        if (told._tag === 'End' && !output.hasFailed) process.exitCode = told.code
      },
      error: (error: unknown) => {
        throw error
      },
    })
}

const main = async (): Promise<void> => {
  process.on('uncaughtException', (error) => {
    stderr.write(`rxtorrent: ${unexpected(error)}\n`)
    process.exit(exitCode.unexpected)
  })
  const parsed = parseArgs(process.argv.slice(2), VERSION)
  switch (parsed._tag) {
    case 'Run':
      await perform(parsed.action)
      break
    case 'Help':
      writerTo(stdout).write(`${parsed.text}\n`)
      break
    case 'Misuse':
      writerTo(stderr).write(`${parsed.text}\n`)
      process.exitCode = exitCode.usage
  }
}

await main()
