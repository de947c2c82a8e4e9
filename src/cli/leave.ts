import { exitCode, type ExitCode } from './exitCode.js'
import { SIGNALS } from './signals.js'

/**
 * Ends the process, whatever still holds it. `process.exit` waits for calls of the system that are under way, and some
 * never return (an `open` of a pipe that nobody writes to): what ends by a signal ends by that signal itself, and
 * anything else leaves the signals to the system, which does not wait.
 */
export const leave = (code: ExitCode): void => {
  for (const signal of SIGNALS) process.removeAllListeners(signal)
  const by = SIGNALS.find((signal) => exitCode[signal] === code)
  if (by !== undefined)
    process.once('exit', () => {
      process.kill(process.pid, by)
    })
  process.exit(code)
}

/** Ends the process if it has not ended by itself after so long. */
export const leaveAfter = (ms: number, code: ExitCode): void => {
  setTimeout(() => {
    leave(code)
  }, ms).unref()
}
