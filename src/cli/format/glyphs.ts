/** The characters that pictures are made of. Each is one column wide. */
export interface Glyphs {
  readonly barDone: string
  readonly barLeft: string
  /** Nothing of it is there. */
  readonly none: string
  /** Nothing of it is there yet, some of it is under way. */
  readonly active: string
  /** Growing shares of it are there; the last one is all of it. */
  readonly shares: ReadonlyArray<string>
  readonly down: string
  readonly up: string
  readonly ellipsis: string
}

export const unicodeGlyphs: Glyphs = {
  barDone: '━',
  barLeft: '─',
  none: '·',
  active: '░',
  shares: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  down: '↓',
  up: '↑',
  ellipsis: '…',
}

export const asciiGlyphs: Glyphs = {
  barDone: '#',
  barLeft: '-',
  none: '.',
  active: '+',
  shares: ['1', '3', '5', '7', '9', '#'],
  down: 'down',
  up: 'up',
  ellipsis: '~',
}

type Environment = Readonly<Record<string, string | undefined>>

/** What the terminal can show: Unicode, unless the locale or the kind of terminal says it cannot. */
export const glyphsFor = (env: Environment): Glyphs => {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  )
  const isPlainLocale = locale !== undefined && !/utf-?8/i.test(locale)
  const isPlainTerminal = env['TERM'] === 'linux' || env['TERM'] === 'dumb'
  return isPlainLocale || isPlainTerminal ? asciiGlyphs : unicodeGlyphs
}
