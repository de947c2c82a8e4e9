/**
 * A client with idle sessions, which measures itself. Started by `idleSessions.mjs`.
 *
 * usage: node --expose-gc idleClient.mjs SESSIONS SECONDS TRACKER_PORT SETTLING, which is in seconds too
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { firstValueFrom, lastValueFrom, NEVER, of, startWith } from 'rxjs'
import { load } from '../kernels/kernel.mjs'

/** @typedef {typeof import('../../src/index.js')} Library */
/** @typedef {typeof import('../../src/streams/index.js')} Streams */
/** @typedef {import('../../src/streams/index.js').OpenStorage} OpenStorage */
/** @typedef {import('../../src/streams/index.js').Storage} Storage */

const { client, decodeMetainfo, makeMetainfo } = /** @type {Library} */ (await load('index.js'))
const { nodeDeps } = /** @type {Streams} */ (await load('streams/index.js'))

const [sessions = 0, seconds = 0, port = 0, settling = 0] = process.argv.slice(2).map(Number)
const pieces = 1024
const pieceLength = 1024 * 1024
const warmUp = 10

const directory = mkdtempSync(join(tmpdir(), 'rxtorrent-idle-'))
process.on('exit', () => {
  rmSync(directory, { recursive: true, force: true })
})

/** @param {string} name */
const makeTorrent = (name) => {
  const made = makeMetainfo({
    name,
    content: pieces * pieceLength,
    pieceLength,
    pieces: crypto.getRandomValues(new Uint8Array(20 * pieces)),
    trackers: [[`http://127.0.0.1:${String(port)}/announce`]],
  })
  if (made._tag === 'Left') throw new Error(JSON.stringify(made.left))
  const metainfo = decodeMetainfo(made.right)
  if (metainfo._tag === 'Left') throw new Error(JSON.stringify(metainfo.left))
  return metainfo.right
}

/** @type {Map<string, Uint8Array>} The digests of seeds by the name of their only file. */
const seeded = new Map()
const everything = new Uint8Array(pieces).fill(1)
const { openStorage, resume } = nodeDeps({ directory })

/** Seeds have a disk that has read itself, without a byte on it; the others a real one, with nothing there. */
const deps = {
  // With a storage of one's own a client has none but this.
  ...(resume === undefined ? {} : { resume }),
  /** @type {OpenStorage} */
  openStorage: (layout) => {
    const name = layout.files[0]?.path[0] ?? ''
    if (!seeded.has(name)) return openStorage(layout)
    /** @type {Storage} */
    const storage = {
      read: () => NEVER,
      write: () => NEVER,
      flush: () => of({ _tag: 'Right', right: undefined }),
      hashPieces: (first) =>
        of({ _tag: 'Right', right: { first, digests: seeded.get(name) ?? everything, present: everything } }),
    }
    return NEVER.pipe(startWith(/** @type {const} */ ({ _tag: 'Right', right: storage })))
  },
}

/** @param {unknown} thrown */
const rethrow = (thrown) => {
  throw thrown
}

const running = client({ directory, deps })
let answers = 0
let checks = 0
running.alert$.subscribe({
  next: (alert) => {
    if (alert._tag !== 'SessionNotice') throw new Error(JSON.stringify(alert))
    if (alert.notice._tag === 'AnnounceDone') answers++
    if (alert.notice._tag === 'CheckDone') checks++
    if (alert.notice._tag === 'AnnounceFailed') throw new Error(JSON.stringify(alert.notice))
  },
  error: rethrow,
})

/** @param {number} from @param {number} to */
const addAll = async (from, to) => {
  for (let i = from; i < to; i++) {
    const metainfo = makeTorrent(`torrent-${String(i)}`)
    if (i % 2 === 0) seeded.set(metainfo.name, metainfo.pieces)
    const added = await firstValueFrom(running.add(metainfo))
    if (added._tag === 'Left') throw new Error(added.left._tag)
    if (i % 20 === 19) await sleep(20)
  }
  while (answers < to || checks < to) await sleep(10)
  seeded.clear()
}

/** Bytes in use, whoever holds them, once nothing is under way any more: saves take a moment. */
const used = async () => {
  await sleep(1000)
  for (let i = 0; i < 4; i++) {
    global.gc?.()
    await sleep(50)
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

await addAll(0, warmUp)
const before = await used()
const first = process.cpuUsage()
await addAll(warmUp, warmUp + sessions)
const added = process.cpuUsage(first)
/** Milliseconds of CPU to add one, its torrent made and its tracker asked. */
const adding = (added.user + added.system) / 1000 / sessions
const bytes = ((await used()) - before) / sessions

// What was compiled and collected on the way is not what idling costs; V8 may get to it half a minute later.
await sleep(1000 * settling)
const started = performance.now()
const { user, system } = process.cpuUsage()
await sleep(1000 * seconds)
const spent = process.cpuUsage()
const cpu = (spent.user + spent.system - user - system) / 1000 / (performance.now() - started)

console.log(JSON.stringify({ cpu, bytes, pieces, adding }))
await lastValueFrom(running.stop(), { defaultValue: undefined })
