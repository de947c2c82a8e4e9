/**
 * Watching while it downloads: a stream policy moves a window of pieces along with the reader, and `deadline` fetches
 * what is in the window before all else; what is beyond comes rarest first, for the good of the swarm.
 *
 * Runs in virtual time: a player reads four pieces a second, from the moment that it has the first two seconds of film
 * on. What it prints is how often it had to wait, with the window and without it.
 */
import { distinctUntilChanged, map } from 'rxjs'
import { pieceStatus, type SessionState, type StreamPolicy } from 'rxtorrent'
import { createSwarm } from 'rxtorrent/testing'
import { virtualTorrent } from './support/virtualTorrent.js'

const pieceCount = 160
const piecesPerSecond = 4
const lead = 2 * piecesPerSecond
/** Pieces that are to come in order, ahead of the rest. */
const windowPieces = 16

const has = (state: SessionState, piece: number): boolean => state.pieces.status[piece] === pieceStatus.have

const firstMissing = (state: SessionState): number => {
  const missing = state.pieces.status.findIndex((status) => status !== pieceStatus.have)
  return missing === -1 ? pieceCount : missing
}

/** The window begins at the first piece that is missing. */
const readAlong: StreamPolicy = ({ state$ }) =>
  state$.pipe(
    map(firstMissing),
    distinctUntilChanged(),
    map((first) =>
      first === pieceCount
        ? { _tag: 'ClearWindow', id: 1 }
        : { _tag: 'SetWindow', id: 1, first, last: Math.min(pieceCount - 1, first + windowPieces - 1) },
    ),
  )

interface Playback {
  readonly startedAfterMs: number
  readonly stalls: number
}

const watch = (streamPolicies: ReadonlyArray<StreamPolicy>): Playback => {
  const { metainfo, content } = virtualTorrent(pieceCount, 65_536)
  const swarm = createSwarm({
    seed: 1,
    metainfo,
    content,
    seeds: 2,
    leechers: 1,
    network: { latencyMs: 40, link: { up: 200_000, down: 4_000_000 } },
    options: (member) => (member === 2 ? { streamPolicies } : {}),
  })
  const { clock } = swarm.world
  const state = (): SessionState => swarm.members[2]!.state()!
  if (!clock.run(() => firstMissing(state()) >= lead, 300_000)) throw new Error('the film never began')
  const startedAfterMs = clock.now()
  let stalls = 0
  for (let piece = 0; piece < pieceCount;) {
    if (has(state(), piece)) piece++
    else stalls++
    clock.advanceBy(1_000 / piecesPerSecond)
  }
  swarm.end()
  return { startedAfterMs, stalls }
}

const show = (what: string, { startedAfterMs, stalls }: Playback): void => {
  const seconds = (startedAfterMs / 1_000).toFixed(1)
  console.log(`${what} the film begins after ${seconds} s and waits ${String(stalls)} times`)
}

const without = watch([])
const along = watch([readAlong])
show('without a window:', without)
show('with a window:   ', along)

if (along.stalls > 0) throw new Error('the film stopped')
if (along.startedAfterMs >= without.startedAfterMs / 2) throw new Error('the window did not help')
