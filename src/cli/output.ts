import { exitCode, type ExitCode } from './exitCode.js'
import type { StopSignal } from './world.js'

/** What a command has to say. Commands are Observables of these; where it goes is the screen's business. */
export type Output =
  /** A line of what was asked for: stdout. */
  | { readonly _tag: 'Data'; readonly text: string }
  /** A line for people: stderr, unless `--quiet`. */
  | { readonly _tag: 'Say'; readonly text: string }
  /** The lines at the foot of the terminal, in place of what stood there. */
  | { readonly _tag: 'Live'; readonly lines: ReadonlyArray<string> }
  /** The last word. `text` goes to stderr; not with `--quiet` if all is well. */
  | { readonly _tag: 'End'; readonly code: ExitCode; readonly text: string }

export type End = Extract<Output, { _tag: 'End' }>

export const data = (text: string): Output => ({ _tag: 'Data', text })
export const say = (text: string): Output => ({ _tag: 'Say', text })
export const live = (lines: ReadonlyArray<string>): Output => ({ _tag: 'Live', lines })
export const end = (code: ExitCode, text: string): End => ({ _tag: 'End', code, text })
export const done = (text = ''): End => end(exitCode.done, text)
export const stopped = (signal: StopSignal): End => end(exitCode[signal], `stopped by ${signal}`)
