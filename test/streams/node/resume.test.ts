import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { appendFile, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { filter, firstValueFrom, lastValueFrom, map } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { toHex } from '../../../src/codecs/bytes.js'
import { decodeResume, resumeInfohash } from '../../../src/codecs/resume.js'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { countBits } from '../../../src/operators/piece/bitfield.js'
import type { SessionEvent } from '../../../src/operators/session/event.js'
import type { Notice } from '../../../src/operators/session/notice.js'
import type { SessionState } from '../../../src/operators/session/state.js'
import { session, type NodeSessionOptions } from '../../../src/streams/node/nodeSession.js'
import { type MadeTorrent, makeTorrent, randomBytes, writeFiles } from '../../support/makeTorrent.js'
import { tempDir } from '../../support/tempDir.js'
import { rethrow } from '../../support/rethrow.js'

const PIECE = 65_536
const torrent = makeTorrent({ pieceLength: PIECE, files: [300_000, 0, 90_000, 2_000_000, 5] })
const { metainfo, content } = torrent
const resumeFile = (directory: string, { metainfo: of }: MadeTorrent = torrent): string =>
  join(directory, '.rxtorrent', `${toHex(resumeInfohash(of))}.resume`)

/** A seed that gives so many bytes a second. */
const seedOf = async (up: number, of: MadeTorrent = torrent): Promise<number> => {
  const directory = await tempDir()
  await writeFiles(of, directory)
  const seed = session(of.metainfo, { directory, policies: { rate: () => ({ down: Infinity, up }) } })
  const running = seed.state$.subscribe({ error: rethrow })
  onTestFinished(() => {
    running.unsubscribe()
  })
  return firstValueFrom(
    seed.state$.pipe(
      map(({ port }) => O.toUndefined(port)),
      filter((port) => port !== undefined),
    ),
  )
}

interface Ended {
  readonly state: SessionState
  /** When the check was over. */
  readonly atStart: SessionState
  readonly notices: ReadonlyArray<Notice>
  /** Pieces that were hashed at the start. */
  readonly looked: ReadonlySet<number>
}

/** A session until it comes to `isEnd`, then stopped. */
const runUntil = async (
  directory: string,
  isEnd: (state: SessionState) => boolean,
  options: Partial<NodeSessionOptions> = {},
): Promise<Ended> => {
  const running = session(metainfo, { directory, ...options })
  const notices: Notice[] = []
  const looked = new Set<number>()
  let atStart: SessionState | undefined
  let isStopping = false
  const watch = (event: SessionEvent): void => {
    if (event._tag === 'PiecesChecked') event.ok.forEach((_, i) => looked.add(event.first + i))
  }
  running.event$.subscribe({ next: watch, error: rethrow })
  running.alert$.subscribe({ next: (notice) => notices.push(notice), error: rethrow })
  const state$ = running.state$
  state$.subscribe({
    next: (state) => {
      if (state.phase === 'downloading' || state.phase === 'seeding') atStart ??= state
      if (isStopping || !isEnd(state)) return
      isStopping = true
      running.send({ _tag: 'Stop' })
    },
    error: rethrow,
  })
  const state = await lastValueFrom(state$)
  return { state, atStart: atStart ?? state, notices, looked }
}

const isChecked = ({ phase }: SessionState): boolean => phase === 'downloading' || phase === 'seeding'
const isComplete = ({ progress }: SessionState): boolean => progress.isComplete

const readStream = async (directory: string): Promise<Uint8Array> => {
  const stream = new Uint8Array(content.length)
  for (const { path, offset } of metainfo.files) {
    const file = join(directory, ...path)
    if (existsSync(file)) stream.set(await readFile(file), offset)
  }
  return stream
}

const reasons = (notices: ReadonlyArray<Notice>): ReadonlyArray<string> =>
  notices.flatMap((notice) => (notice._tag === 'ResumeRejected' ? [notice.reason._tag] : []))

describe('resume data in a real folder', () => {
  const half = async (): Promise<{ directory: string; port: number; first: Ended }> => {
    const port = await seedOf(2_000_000)
    const directory = await tempDir()
    const first = await runUntil(directory, ({ progress }) => progress.havePieces >= 6, {
      peers: [{ host: '127.0.0.1', port }],
    })
    expect(isComplete(first.state)).toBe(false)
    return { directory, port, first }
  }

  it('spare the next start every hash, and every block that was there', async () => {
    const { directory, port, first } = await half()
    const second = await runUntil(directory, isComplete, { peers: [{ host: '127.0.0.1', port }] })
    expect(second.looked.size).toBe(0)
    expect(reasons(second.notices)).toEqual([])
    expect(second.atStart.progress.havePieces).toBe(first.state.progress.havePieces)
    expect(first.state.totals.downloaded + second.state.totals.downloaded).toBe(content.length)
    expect(second.state.lifetime.downloaded).toBe(content.length)
    expect(second.state.addedAt).toBe(first.state.addedAt)
    expect(second.state.addedAt).toBeGreaterThan(1_700_000_000_000)
    expect(Buffer.compare(await readStream(directory), content)).toBe(0)
    const third = await runUntil(directory, isComplete)
    expect(third.looked.size).toBe(0)
    expect((await readdir(join(directory, '.rxtorrent'))).length).toBe(1)
  })

  it('are not kept where nobody wants them', async () => {
    const directory = await tempDir()
    await writeFiles(torrent, directory)
    const run = await runUntil(directory, isComplete, { resume: false })
    expect(run.looked.size).toBe(metainfo.pieceCount)
    expect(await readdir(directory)).toEqual(['data'])
  })

  it('torn, foreign or of chance lead to a note and a full check, and all comes right', async () => {
    const { directory, port } = await half()
    const good = await readFile(resumeFile(directory))
    const other = makeTorrent({ pieceLength: PIECE, files: [300_000, 0, 90_000, 2_000_000, 6] })
    const elsewhere = await tempDir()
    await writeFiles(other, elsewhere)
    const seeding = session(other.metainfo, { directory: elsewhere })
    seeding.complete$.subscribe({ next: () => seeding.send({ _tag: 'Stop' }), error: rethrow })
    await lastValueFrom(seeding.state$)
    const foreign = await readFile(resumeFile(elsewhere, other))
    const bad: ReadonlyArray<readonly [Uint8Array, string]> = [
      [good.subarray(0, good.length - 1), 'ResumeMalformed'],
      [good.subarray(0, 10), 'ResumeMalformed'],
      [new Uint8Array(0), 'ResumeMalformed'],
      [new Uint8Array(good.length), 'ResumeMalformed'],
      [randomBytes(5_000, 7), 'ResumeMalformed'],
      [foreign, 'ResumeForeign'],
    ]
    for (const [bytes, reason] of bad) {
      await writeFile(resumeFile(directory), bytes)
      const run = await runUntil(directory, isChecked)
      expect(reasons(run.notices)).toEqual([reason])
      expect(run.looked.size).toBe(metainfo.pieceCount)
    }
    await writeFile(resumeFile(directory), good.subarray(0, 100))
    const last = await runUntil(directory, isComplete, { peers: [{ host: '127.0.0.1', port }] })
    expect(reasons(last.notices)).toEqual(['ResumeMalformed'])
    expect(Buffer.compare(await readStream(directory), content)).toBe(0)
  })

  it('do not hide what others have done to a file', async () => {
    const directory = await tempDir()
    await writeFiles(torrent, directory)
    await runUntil(directory, isComplete)
    const paths = metainfo.files.map(({ path }) => join(directory, ...path))
    // A byte changed, in a file whose size stays.
    const bytes = await readFile(paths[0]!)
    bytes[200_000]! ^= 1
    await writeFile(paths[0]!, bytes)
    const run = await runUntil(directory, isChecked)
    expect(run.notices).toContainEqual(
      expect.objectContaining({ _tag: 'ResumeRejected', reason: { _tag: 'FilesChanged', files: [0] } }),
    )
    expect(run.state.progress.havePieces).toBe(metainfo.pieceCount - 1)
    expect(Math.max(...run.looked)).toBe(Math.floor(299_999 / PIECE))
    // Touched, grown, gone.
    await utimes(paths[2]!, 1, 1)
    await appendFile(paths[4]!, 'x')
    const again = await runUntil(directory, isChecked)
    expect(again.notices).toContainEqual(
      expect.objectContaining({ reason: { _tag: 'FilesChanged', files: [2, 4] } }),
    )
  })
})

describe.runIf(process.platform === 'linux')('data that the system has taken', () => {
  const unsyncedIn = async (directory: string): Promise<number> => {
    const data = decodeResume(await readFile(resumeFile(directory)), metainfo)
    if (E.isLeft(data)) return expect.unreachable(data.left._tag)
    return O.isSome(data.right.unsynced) ? countBits(data.right.unsynced.value.pieces) : 0
  }
  const download = async (options: Partial<NodeSessionOptions> = {}): Promise<string> => {
    const port = await seedOf(Infinity)
    const directory = await tempDir()
    await runUntil(directory, isComplete, { peers: [{ host: '127.0.0.1', port }], ...options })
    return directory
  }

  it('are not waited for, and hashed again by another run of the system alone', async () => {
    const directory = await download()
    expect(await unsyncedIn(directory)).toBe(metainfo.pieceCount)
    const same = await runUntil(directory, isChecked)
    expect(same.looked.size).toBe(0)
    expect(same.state.progress.isComplete).toBe(true)
    expect(same.notices.map(({ _tag }) => _tag)).not.toContain('ResumeRejected')

    const rebooted = await runUntil(directory, isChecked, { deps: { bootId: 'another' } })
    expect(rebooted.looked.size).toBe(metainfo.pieceCount)
    expect(rebooted.state.progress.isComplete).toBe(true)
    expect(rebooted.notices).toContainEqual(
      expect.objectContaining({
        _tag: 'ResumeRejected',
        reason: { _tag: 'MaybeLost', pieces: metainfo.pieceCount },
      }),
    )
    // What a check has found goes to the device before it is kept.
    expect(await unsyncedIn(directory)).toBe(0)
  })

  it('are on the device when it is over, where that was asked for', async () => {
    const directory = await download({ sync: 'device' })
    expect(await unsyncedIn(directory)).toBe(0)
    const rebooted = await runUntil(directory, isChecked, { deps: { bootId: 'another' } })
    expect(rebooted.looked.size).toBe(0)
    expect(rebooted.state.progress.isComplete).toBe(true)
  })
})

describe('a file that somebody else writes to while the session runs', () => {
  it('is not vouched for', async () => {
    const directory = await tempDir()
    await writeFiles(torrent, directory)
    const running = session(metainfo, { directory })
    const keeping = running.state$.subscribe({ error: rethrow })
    const saved = (): Promise<Notice> =>
      firstValueFrom(running.alert$.pipe(filter(({ _tag }) => _tag === 'ResumeSaved')))
    // The first save comes by itself, once all is found.
    await saved()
    const path = join(directory, ...metainfo.files[2]!.path)
    const bytes = await readFile(path)
    bytes[5]! ^= 1
    await writeFile(path, bytes)
    for (let i = 0; i < 2; i++) {
      const isSaved = saved()
      running.send({ _tag: 'SaveResume' })
      await isSaved
    }
    keeping.unsubscribe()
    const run = await runUntil(directory, isChecked)
    expect(run.notices).toContainEqual(
      expect.objectContaining({ reason: { _tag: 'FilesChanged', files: [2] } }),
    )
    expect(run.atStart.progress.havePieces).toBe(metainfo.pieceCount - 1)
  })
})

describe('a session that is killed', () => {
  const library = fileURLToPath(new URL('../../../dist/index.js', import.meta.url))
  const child = fileURLToPath(new URL('../../support/killedSession.mjs', import.meta.url))

  it('at any moment has never claimed a piece that is not there', { timeout: 120_000 }, async () => {
    if (!existsSync(library)) throw new Error(`${library} is not there: run "npm run build" first`)
    const folder = await tempDir()
    const file = join(folder, 'test.torrent')
    await writeFile(file, torrent.bytes)
    const port = await seedOf(1_500_000)
    const directory = await tempDir()
    let trusted = 0
    for (const wait of [0, 30, 90, 170, 260, 400]) {
      const process_ = spawn(process.execPath, [child, library, file, directory, String(port)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await once(process_.stdout, 'data')
      await sleep(wait)
      process_.kill('SIGKILL')
      await once(process_, 'exit')
      const run = await runUntil(directory, isChecked)
      const stream = await readStream(directory)
      const { bytes } = run.atStart.bitfield
      for (let piece = 0; piece < metainfo.pieceCount; piece++) {
        if ((bytes[piece >> 3]! & (0x80 >> (piece & 7))) === 0) continue
        if (!run.looked.has(piece)) trusted++
        const [begin, end] = [piece * PIECE, (piece + 1) * PIECE]
        expect(Buffer.compare(stream.subarray(begin, end), content.subarray(begin, end)), String(piece)).toBe(
          0,
        )
      }
    }
    expect(trusted).toBeGreaterThan(0)
    const last = await runUntil(directory, isComplete, { peers: [{ host: '127.0.0.1', port }] })
    expect(isComplete(last.state)).toBe(true)
    expect(Buffer.compare(await readStream(directory), content)).toBe(0)
    expect(last.notices.some(({ _tag }) => _tag === 'PeerBanned')).toBe(false)
  })
})
