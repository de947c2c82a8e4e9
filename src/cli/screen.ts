import type { Output } from './output.js'

/** Where output goes. */
export interface Screen {
  readonly show: (output: Output) => void
  /** Gives the terminal back. */
  readonly close: () => void
}

/** Repaints lines at the foot of a terminal: `log-update`'s face. */
export interface LiveArea {
  (text: string): void
  readonly clear: () => void
  readonly done: () => void
}

export interface ScreenOptions {
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  readonly liveArea: LiveArea | undefined
  readonly isQuiet: boolean
}

export const createScreen = ({ stdout, stderr, liveArea, isQuiet }: ScreenOptions): Screen => {
  let foot: ReadonlyArray<string> = []

  const repaint = (): void => {
    if (foot.length > 0) liveArea?.(foot.join('\n'))
  }
  const aside = (write: (text: string) => void, text: string): void => {
    if (foot.length > 0) liveArea?.clear()
    write(`${text}\n`)
    repaint()
  }
  const leaveFoot = (): void => {
    if (foot.length > 0) liveArea?.done()
    foot = []
  }

  return {
    show: (output) => {
      switch (output._tag) {
        case 'Data':
          aside(stdout, output.text)
          break
        case 'Say':
          if (!isQuiet) aside(stderr, output.text)
          break
        case 'Live':
          if (isQuiet) break
          foot = output.lines
          repaint()
          break
        case 'End':
          leaveFoot()
          if (output.code !== 0) stderr(`rxtorrent: ${output.text}\n`)
          else if (output.text !== '' && !isQuiet) stderr(`${output.text}\n`)
      }
    },
    close: leaveFoot,
  }
}
