/**
 * What the reactive surface costs: a download from a seeder in another process to a disk that is free, with nobody, one
 * and a hundred subscribed to every stream of the session, and with policies of a user's own that decide as the built-in
 * ones do. In turns, against a run with neither. Needs `npm run build`.
 *
 * usage: node bench/scale/surface.mjs [--mib N] [--runs N]
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { isObservable, lastValueFrom, Subscription } from 'rxjs'
import { load } from '../kernels/kernel.mjs'
import { showMark } from './support/mark.mjs'
import { zerosDisk, zerosTorrent } from './support/zeros.mjs'

/** @typedef {import('../../src/index.js').SessionPolicies} SessionPolicies */

const { values: options } = parseArgs({
  options: { mib: { type: 'string', default: '1024' }, runs: { type: 'string', default: '5' } },
})
const { session } = /** @type {typeof import('../../src/index.js')} */ (await load('index.js'))

const pieces = 4 * Number(options.mib)
const metainfo = zerosTorrent(pieces)
const seeder = fork(fileURLToPath(new URL('support/zerosSeeder.mjs', import.meta.url)), [String(pieces)])
/** @type {ReadonlyArray<number>} */
const [port = 0] = await once(seeder, 'message')

/** What the default piece policy decides, by what the context offers to anybody. @type {SessionPolicies['piece']} */
const ownPiece = (ctx) => {
  const rarest = ctx.firstByRarity()
  if (rarest < 0) return { _tag: 'None' }
  if (ctx.havePieces >= 4) return { _tag: 'Some', value: rarest }
  const highest = ctx.priority(rarest)
  const from = Math.floor(ctx.random() * ctx.pieceCount)
  const value = ctx.firstByIndex(from, true, (piece) => ctx.priority(piece) === highest)
  return value < 0 ? { _tag: 'None' } : { _tag: 'Some', value }
}
/** The fastest peers that want something. @type {SessionPolicies['choke']} */
const ownChoke = ({ peers, slots }) =>
  new Set(
    peers
      .filter((peer) => peer.peerInterested)
      .toSorted((a, b) => b.downRate - a.downRate)
      .slice(0, slots)
      .map(({ key }) => key),
  )

/** @param {unknown} thrown */
const rethrow = (thrown) => {
  throw thrown
}

/** @param {number} subscribers @param {Partial<SessionPolicies>} policies */
const download = async (subscribers, policies) => {
  const torrent = session(metainfo, {
    directory: 'nowhere',
    deps: { openStorage: zerosDisk(false) },
    resume: false,
    announce: false,
    policies,
    peers: [{ host: '127.0.0.1', port }],
  })
  const streams = Object.values(torrent).filter((part) => isObservable(part))
  let heard = 0
  const listening = new Subscription()
  const { user, system } = process.cpuUsage()
  const started = performance.now()
  for (const stream$ of streams) {
    for (let i = 0; i < subscribers; i++) {
      listening.add(stream$.subscribe({ next: () => heard++, error: rethrow }))
    }
  }
  await lastValueFrom(torrent.complete$)
  const wall = performance.now() - started
  const spent = process.cpuUsage()
  listening.unsubscribe()
  return { wall, cpu: (spent.user + spent.system - user - system) / 1000, heard, streams: streams.length }
}

const own = { piece: ownPiece, choke: ownChoke }
const kinds = [
  { name: 'nobody subscribed', subscribers: 0, policies: {} },
  { name: '1 subscriber on every stream', subscribers: 1, policies: {} },
  { name: '100 subscribers on every stream', subscribers: 100, policies: {} },
  { name: 'piece and choke policies of a user', subscribers: 0, policies: own },
]
await download(0, {})
/** @type {ReadonlyArray<Awaited<ReturnType<typeof download>>[]>} */
const runs = kinds.map(() => [])
for (let run = 0; run < Number(options.runs); run++) {
  for (const [i, { subscribers, policies }] of kinds.entries()) {
    runs[i]?.push(await download(subscribers, policies))
  }
}
/** @param {number} i @param {'cpu' | 'wall'} key */
const median = (i, key) => {
  const values = (runs[i] ?? []).map((run) => run[key]).toSorted((a, b) => a - b)
  return values[values.length >> 1] ?? NaN
}
for (const [i, { name }] of kinds.entries()) {
  const heard = runs[i]?.[0]?.heard ?? 0
  console.log(
    showMark(
      `${options.mib} MiB, ${name}`,
      `${median(i, 'cpu').toFixed(0)} ms CPU ${(median(i, 'cpu') / median(0, 'cpu')).toFixed(2)}×, ${median(i, 'wall').toFixed(0)} ms wall ${(median(i, 'wall') / median(0, 'wall')).toFixed(2)}× (${String(heard)} values heard)`,
    ),
  )
}
seeder.kill()
