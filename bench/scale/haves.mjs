/**
 * A flood of `have`s, from one peer and from many, over loopback: CPU a message, and how long the loop is held up. Needs
 * `npm run build`.
 *
 * usage: node bench/scale/haves.mjs [--haves N] [--pieces N]
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { filter, firstValueFrom } from 'rxjs'
import { infohashOf } from './support/emptyTorrent.mjs'
import { showMark } from './support/mark.mjs'
import { openSession } from './support/openSession.mjs'
import { startSwarm } from './support/swarm.mjs'

const { values: options } = parseArgs({
  options: { haves: { type: 'string', default: '1000000' }, pieces: { type: 'string', default: '200000' } },
})
/** Messages a second at the least, and milliseconds that the loop may be held up. */
const fewest = 100_000
const longest = 20

/** @param {number} speakers @param {number} perWrite @param {number} everyMs 0: as fast as they are taken */
const measure = async (speakers, perWrite, everyMs) => {
  const pieces = Number(options.pieces)
  const haves = Number(options.haves)
  const { torrent, metainfo, port, end } = await openSession(pieces, speakers)
  const swarm = await startSwarm()
  const each = Math.min(pieces, Math.floor(haves / speakers))
  swarm.order({
    _tag: 'Dial',
    port,
    peers: { count: speakers, pieceCount: pieces, infohash: infohashOf(metainfo), share: 0 },
  })
  await swarm.heard('greeted', speakers)
  await firstValueFrom(torrent.peers$.pipe(filter((known) => known.length >= speakers)))
  await sleep(300)
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  const started = performance.now()
  const { user, system } = process.cpuUsage()
  swarm.order({ _tag: 'Haves', speakers, each, perWrite, everyMs })
  const fraction = each / pieces
  await firstValueFrom(
    torrent.peers$.pipe(filter((known) => known.every((peer) => peer.fraction >= fraction - 1e-9))),
  )
  const seconds = (performance.now() - started) / 1000
  const spent = process.cpuUsage()
  delays.disable()
  const cpu = spent.user + spent.system - user - system
  const count = each * speakers
  const p99 = delays.percentile(99) / 1e6
  console.log(
    showMark(
      `${String(count)} haves from ${String(speakers)}, ${String(perWrite)} a write${everyMs > 0 ? ` each ${String(everyMs)} ms` : ''}`,
      `${(cpu / count).toFixed(2)} µs of CPU each, ${Math.round(count / seconds).toLocaleString('en')} a second, loop p99 ${p99.toFixed(1)} ms`,
      // A flood takes the loop as it comes; at a steady 100 000 a second it must stay free.
      1e6 / (cpu / count) >= fewest && (everyMs === 0 || p99 < longest),
    ),
  )
  swarm.stop()
  end()
}

await measure(1, 100, 0)
await measure(100, 100, 0)
await measure(1, 1_000, 10)
await measure(100, 20, 20)
