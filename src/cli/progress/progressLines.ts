import * as O from '#fp/Option'
import type { SessionState } from '../../index.js'
import { formatBar } from '../format/bar.js'
import { formatBytes, formatRate } from '../format/bytes.js'
import { formatCount } from '../format/count.js'
import { formatDuration } from '../format/duration.js'
import { asciiGlyphs, type Glyphs } from '../format/glyphs.js'
import { formatPercent } from '../format/percent.js'
import { formatPieceMap } from '../format/pieceMap.js'
import { displayWidth } from '../format/width.js'
import type { Style } from '../world.js'
import { wantedShare } from './wantedShare.js'

/** One fact of the progress, and how gladly it is given up where room is short. */
interface Part {
  readonly text: string
  readonly rank: number
}

const LONGEST_BAR = 30
const SHORTEST_BAR = 8
const GAP = '  '

/** Percent, bar, speeds, peers and ETA in one line of a terminal, and below it all pieces in another. */
export const progressLines = (state: SessionState, columns: number, style: Style): ReadonlyArray<string> => {
  const { glyphs, paint } = style
  const share = shareOf(state)
  const colour = colourOf(state)
  const percent = formatPercent(share).padStart(6)
  const rest = fitting(factsOf(state, glyphs), columns - percent.length - GAP.length)
  const room = columns - percent.length - displayWidth(rest) - 2 * GAP.length
  const bar = room < SHORTEST_BAR ? '' : paint(colour, formatBar(share, Math.min(room, LONGEST_BAR), glyphs))
  const first = [percent, bar, rest].filter((part) => part !== '').join(GAP)
  const map = formatPieceMap(state.pieces.status, columns, glyphs)
  return map === '' ? [first] : [first, paint(colour, map)]
}

/** The same facts, without pictures: a line for a log. */
export const progressText = (state: SessionState): string =>
  [formatPercent(shareOf(state)), ...factsOf(state, asciiGlyphs).map(({ text }) => text)].join(GAP)

/** What the percentage is of: of the check while checking, else of the data. */
const shareOf = ({ progress }: SessionState): number =>
  O.getOrElse(() => wantedShare(progress))(progress.checked)

const colourOf = ({ phase, progress }: SessionState): 'green' | 'cyan' | 'yellow' =>
  phase === 'stalled' ? 'yellow' : progress.wantedHaveBytes === progress.wantedBytes ? 'green' : 'cyan'

const factsOf = (state: SessionState, glyphs: Glyphs): ReadonlyArray<Part> => {
  const { phase, progress, rates, peers } = state
  if (phase === 'stopped' && progress.isDone) return [{ text: 'done', rank: 0 }]
  if (phase !== 'downloading' && phase !== 'seeding') return [{ text: phase, rank: 0 }]
  const up = { text: `${glyphs.up} ${formatRate(rates.up)}`, rank: phase === 'seeding' ? 1 : 3 }
  const peerCount = { text: formatCount(peers.length, 'peer'), rank: 2 }
  if (phase === 'seeding') return [{ text: 'seeding', rank: 0 }, up, peerCount]
  return [
    { text: `${formatBytes(progress.wantedHaveBytes)} of ${formatBytes(progress.wantedBytes)}`, rank: 4 },
    { text: `${glyphs.down} ${formatRate(rates.down)}`, rank: 0 },
    up,
    peerCount,
    { text: `ETA ${O.match(() => '-', formatDuration)(rates.eta)}`, rank: 1 },
  ]
}

/** The parts that fit, in their order; those of the highest rank go first. */
const fitting = (parts: ReadonlyArray<Part>, columns: number): string => {
  const text = parts.map((part) => part.text).join(GAP)
  if (displayWidth(text) <= columns || parts.length === 0) return displayWidth(text) <= columns ? text : ''
  const leastWanted = parts.reduce((least, part) => (part.rank > least.rank ? part : least))
  return fitting(
    parts.filter((part) => part !== leastWanted),
    columns,
  )
}
