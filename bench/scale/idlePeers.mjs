/**
 * What an open peer costs that does nothing: one session, real connections to peers in another process, each having half
 * of the pieces. The mark is 12 KB of heap for each of 2 000. Needs `npm run build`.
 *
 * usage: node bench/scale/idlePeers.mjs [--peers N] [--pieces N,N] [--snapshot FILE]
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeHeapSnapshot } from 'node:v8'
import { filter, firstValueFrom } from 'rxjs'
import { infohashOf } from './support/emptyTorrent.mjs'
import { showMark } from './support/mark.mjs'
import { openSession } from './support/openSession.mjs'
import { startSwarm } from './support/swarm.mjs'
import { usedMemory } from './support/usedMemory.mjs'

/** @typedef {import('./support/quietPeers.mjs').Peers} Peers */

const { values: options } = parseArgs({
  options: {
    peers: { type: 'string', default: '2000' },
    pieces: { type: 'string', default: '1000,10000' },
    snapshot: { type: 'string' },
    dialled: { type: 'boolean', default: false },
    alone: { type: 'boolean', default: false },
  },
})
const mostBytes = 12 * 1024
const warmUp = 50

/** @param {number} pieces */
const measure = async (pieces) => {
  const count = Number(options.peers)
  const { torrent, metainfo, port, end } = await openSession(pieces, count + warmUp)
  const swarm = await startSwarm()
  /** @param {number} peers @returns {Peers} */
  const half = (peers) => ({ count: peers, pieceCount: pieces, infohash: infohashOf(metainfo), share: 0.5 })
  /** Waits until so many are connected. @param {number} peers */
  const connected = async (peers) => {
    await swarm.heard('greeted', peers)
    await firstValueFrom(torrent.peers$.pipe(filter((known) => known.length >= peers)))
  }
  let dialled = 0
  /** @param {number} peers */
  const add = async (peers) => {
    if (!options.dialled) {
      swarm.order({ _tag: 'Dial', port, peers: half(peers) })
    } else {
      if (dialled === 0) swarm.order({ _tag: 'Listen', peers: half(peers) })
      const at = await swarm.heard('listening')
      // Any address of 127.0.0.0/8 leads there.
      const host = (/** @type {number} */ i) => `127.1.${String(i >> 8)}.${String(i & 255)}`
      torrent.addPeers(Array.from({ length: peers }, (_, i) => ({ host: host(dialled + i), port: at })))
    }
    dialled += peers
    await connected(dialled)
  }
  await add(warmUp)
  const before = await usedMemory()
  await add(count)
  const after = await usedMemory()
  if (options.snapshot !== undefined) writeHeapSnapshot(options.snapshot)
  const heap = (after.heap - before.heap) / count
  const buffers = (after.buffers - before.buffers) / count
  console.log(
    showMark(
      `${String(count)} idle peers${options.dialled ? ', dialled' : ''}, ${String(pieces)} pieces`,
      `${(heap / 1024).toFixed(1)} KB of heap each, and ${(buffers / 1024).toFixed(1)} KB of buffers (${((after.rss - before.rss) / count / 1024).toFixed(1)} KB of RSS)`,
      heap + buffers <= mostBytes,
    ),
  )
  swarm.stop()
  end()
}

if (options.alone) await measure(Number(options.pieces))
else {
  for (const pieces of options.pieces.split(',')) {
    for (const direction of [[], ['--dialled']]) {
      const args = ['--alone', '--peers', options.peers, '--pieces', pieces, ...direction]
      const file = fileURLToPath(import.meta.url)
      const { status } = spawnSync(process.execPath, ['--expose-gc', file, ...args], { stdio: 'inherit' })
      if (status !== 0) process.exitCode = 1
    }
  }
}
