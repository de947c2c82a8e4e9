import type { Observable } from 'rxjs'
import type { Glyphs } from './format/glyphs.js'

/** What commands need to know of the place they run in. */
export interface World {
  /** How this command is called, for suggestions of what to run next. */
  readonly program: string
  /** The first signal to stop; nothing before it, nothing after it. */
  readonly stop$: Observable<StopSignal>
  readonly style: Style
  /** Colours for what goes to stdout. */
  readonly paintData: Paint
  /** Whether there is a terminal to repaint lines on. */
  readonly isLive: boolean
  /** Width of that terminal. */
  readonly columns: () => number
  /** Where the demonstration may make its folder. */
  readonly temporaryFolder: string
}

export type StopSignal = 'SIGINT' | 'SIGTERM'

export interface Style {
  readonly glyphs: Glyphs
  readonly paint: Paint
}

/** Gives text a colour, where colours are wanted. */
export type Paint = (colour: 'green' | 'yellow' | 'red' | 'cyan' | 'dim' | 'bold', text: string) => string

export const noPaint: Paint = (_colour, text) => text
