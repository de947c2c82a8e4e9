import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { filter, firstValueFrom, lastValueFrom, skipWhile, toArray } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { toHex } from '../../../src/codecs/bytes.js'
import { decodeResume, encodeResume, resumeInfohash } from '../../../src/codecs/resume.js'
import type { ResumeData } from '../../../src/codecs/resume.js'
import type { Notice } from '../../../src/operators/session/notice.js'
import type { SessionState } from '../../../src/operators/session/state.js'
import { session, type NodeSessionOptions } from '../../../src/streams/node/nodeSession.js'
import type { Session } from '../../../src/streams/session.js'
import { type MadeTorrent, makeTorrent, writeFiles } from '../../support/makeTorrent.js'
import { rethrow } from '../../support/rethrow.js'
import { tempDir } from '../../support/tempDir.js'
import { until } from '../../support/until.js'

const PIECE = 16_384
const torrent = makeTorrent({ pieceLength: PIECE, files: [100_000, 0, 40_000, 200_000] })
const { metainfo, content } = torrent
const RESUME = join('.rxtorrent', `${toHex(resumeInfohash(metainfo))}.resume`)

interface Run {
  readonly live: Session
  readonly notices: Notice[]
  /** Pieces that were hashed. */
  readonly looked: Set<number>
  readonly state: () => SessionState
  readonly reach: (isThere: (state: SessionState) => boolean) => Promise<SessionState>
  readonly rename: (file: number, ...path: ReadonlyArray<string>) => Promise<string>
  readonly stop: () => Promise<SessionState>
  /** Leaves it, as `unsubscribe` does. */
  readonly leave: () => void
}

const watch = (live: Session): Run => {
  const notices: Notice[] = []
  const looked = new Set<number>()
  let last: SessionState | undefined
  const watching = live.event$.subscribe({
    next: (event) => {
      if (event._tag === 'PiecesChecked') event.ok.forEach((_, at) => looked.add(event.first + at))
    },
    error: rethrow,
  })
  watching.add(live.alert$.subscribe({ next: (notice) => notices.push(notice), error: rethrow }))
  watching.add(live.state$.subscribe({ next: (state) => (last = state), error: rethrow }))
  onTestFinished(() => {
    watching.unsubscribe()
  })
  return {
    live,
    notices,
    looked,
    state: () => last ?? expect.unreachable(),
    reach: (isThere) => firstValueFrom(live.state$.pipe(filter(isThere))),
    rename: async (file, ...path) => {
      const answer = await firstValueFrom(live.rename(file, path))
      return E.isRight(answer) ? 'done' : answer.left.kind
    },
    stop: () => {
      const over = lastValueFrom(live.state$)
      live.send({ _tag: 'Stop' })
      return over
    },
    leave: () => {
      watching.unsubscribe()
    },
  }
}

const run = (directory: string, options: Partial<NodeSessionOptions> = {}): Run =>
  watch(session(metainfo, { directory, ...options }))

const isComplete = ({ progress, phase }: SessionState): boolean => progress.isComplete && phase === 'seeding'
const isChecked = ({ phase }: SessionState): boolean => phase === 'seeding' || phase === 'downloading'

/** A folder with the whole torrent in it. */
const whole = async (): Promise<string> => {
  const directory = await tempDir()
  await writeFiles(torrent, directory)
  return directory
}
const seedPort = async (): Promise<number> => {
  const { reach } = run(await whole())
  const { port } = await reach((state) => isComplete(state) && O.isSome(state.port))
  return O.getOrElse(() => 0)(port)
}
const bytesOf = (file: number): Uint8Array => {
  const { offset, length } = metainfo.files[file]!
  return content.subarray(offset, offset + length)
}
const isFile = async (file: number, ...path: ReadonlyArray<string>): Promise<boolean> =>
  Buffer.compare(await readFile(join(...path)), bytesOf(file)) === 0
const pathsOf = ({ files }: SessionState): ReadonlyArray<string> => files.map(({ path }) => path.join('/'))
const rejections = (notices: ReadonlyArray<Notice>): ReadonlyArray<unknown> =>
  notices.flatMap((notice) => (notice._tag === 'ResumeRejected' ? [notice.reason] : []))

const NEW = ['data/0.bin', 'data/1.bin', 'data/2.bin', 'films/one.mkv']

/** A run that has given the last file another name, and ended well. */
const renamedOnce = async (): Promise<string> => {
  const directory = await whole()
  const first = run(directory)
  await first.reach(isComplete)
  expect(await first.rename(3, 'films', 'one.mkv')).toBe('done')
  expect(pathsOf(await first.stop())).toEqual(NEW)
  return directory
}

describe('a file that was renamed while a session ran', () => {
  it('is where the next run finds it: no byte is fetched, and none is hashed', async () => {
    const port = await seedPort()
    const directory = await tempDir()
    const peers = [{ host: '127.0.0.1', port }]
    const first = run(directory, { peers })
    await first.reach(isComplete)
    expect(await first.rename(3, 'films', 'one.mkv')).toBe('done')
    expect((await first.stop()).totals.downloaded).toBe(content.length)

    const second = run(directory, { peers })
    const found = await second.reach(isComplete)
    expect(pathsOf(found)).toEqual(NEW)
    expect([found.totals.downloaded, second.looked.size, rejections(second.notices)]).toEqual([0, 0, []])
    expect(await isFile(3, directory, 'films', 'one.mkv')).toBe(true)
    const read = await firstValueFrom(second.live.file(3).read().chunk$.pipe(toArray()))
    expect(
      Buffer.concat(read.map((chunk) => (E.isRight(chunk) ? chunk.right : expect.unreachable()))),
    ).toEqual(Buffer.from(bytesOf(3)))
    await second.stop()
    expect((await readdir(join(directory, 'data'))).sort()).toEqual(['0.bin', '1.bin', '2.bin'])
  })

  it('is so again in the third run, and with its own name once it has that again', async () => {
    const directory = await renamedOnce()
    const second = run(directory)
    await second.reach(isComplete)
    expect(await second.rename(1, 'films', 'empty')).toBe('done')
    await second.stop()
    const third = run(directory)
    expect(pathsOf(await third.reach(isComplete))).toEqual(NEW.with(1, 'films/empty'))
    expect(third.looked.size).toBe(0)
    expect(await third.rename(3, 'data', '3.bin')).toBe('done')
    expect(await third.rename(1, 'data', '1.bin')).toBe('done')
    await third.stop()
    const fourth = run(directory)
    expect(pathsOf(await fourth.reach(isComplete))).toEqual(metainfo.files.map(({ path }) => path.join('/')))
    expect(fourth.looked.size).toBe(0)
    expect(await readdir(directory)).toEqual(['.rxtorrent', 'data'])
  })

  it('may have changed its name with another one', async () => {
    const directory = await whole()
    const first = run(directory)
    await first.reach(isComplete)
    expect(await first.rename(0, 'data', 'between')).toBe('done')
    expect(await first.rename(2, 'data', '0.bin')).toBe('done')
    expect(await first.rename(0, 'data', '2.bin')).toBe('done')
    await first.stop()
    const second = run(directory)
    const found = await second.reach(isComplete)
    expect(pathsOf(found)).toEqual(['data/2.bin', 'data/1.bin', 'data/0.bin', 'data/3.bin'])
    expect([second.looked.size, await isFile(0, directory, 'data', '2.bin')]).toEqual([0, true])
  })

  it('is checked by its bytes, under the name that it has', async () => {
    const directory = await renamedOnce()
    const second = run(directory)
    await second.reach(isComplete)
    const path = join(directory, 'films', 'one.mkv')
    const bytes = await readFile(path)
    bytes[150_000]! ^= 1
    await writeFile(path, bytes)
    const progress = await lastValueFrom(second.live.hashCheck())
    expect(progress).toMatchObject({ isDone: true, havePieces: metainfo.pieceCount - 1 })
    await second.stop()
    const third = run(directory, { recheck: true })
    const found = await third.reach(isChecked)
    expect([found.progress.havePieces, third.looked.size]).toEqual([
      metainfo.pieceCount - 1,
      metainfo.pieceCount,
    ])
    expect(pathsOf(found)).toEqual(NEW)
  })

  it('goes with the rest when the data is removed', async () => {
    const directory = await renamedOnce()
    await writeFile(join(directory, 'films', 'mine'), 'stays')
    await mkdir(join(directory, 'data'), { recursive: true })
    await writeFile(join(directory, 'data', '3.bin'), 'stays, too')
    const second = run(directory)
    await second.reach(isComplete)
    expect(await firstValueFrom(second.live.removeData())).toEqual(E.right(undefined))
    expect(await readdir(join(directory, 'films'))).toEqual(['mine'])
    expect(await readdir(join(directory, 'data'))).toEqual(['3.bin'])
    expect((await readdir(directory)).sort()).toEqual(['data', 'films'])
  })

  it.each([
    ['with resume data', {}],
    ['without', { resume: false }],
  ])('is found by the session that renamed it, left and subscribed to anew (%s)', async (_, options) => {
    const directory = await whole()
    const first = run(directory, options)
    await first.reach(isComplete)
    expect(await first.rename(3, 'films', 'one.mkv')).toBe('done')
    first.leave()
    const second = watch(first.live)
    expect(pathsOf(await second.reach(isComplete))).toEqual(NEW)
    expect(second.state().totals.downloaded).toBe(0)
    second.leave()
    // Where nothing was renamed in between, too.
    const third = watch(first.live)
    expect(pathsOf(await third.reach(isComplete))).toEqual(NEW)
    expect(await third.rename(3, 'data', '3.bin')).toBe('done')
    third.leave()
    const fourth = watch(first.live)
    expect(pathsOf(await fourth.reach(isComplete))).toEqual(metainfo.files.map(({ path }) => path.join('/')))
  })

  it('is found by the session that was left while it did so', async () => {
    const directory = await whole()
    const first = run(directory)
    await first.reach(isComplete)
    const asking = first.live.rename(3, ['films', 'one.mkv']).subscribe({ error: rethrow })
    first.leave()
    asking.unsubscribe()
    const second = watch(first.live)
    const found = await second.reach(isComplete)
    const [path] = pathsOf(found).slice(3)
    expect(await isFile(3, directory, path ?? '')).toBe(true)
    expect(found.totals.downloaded).toBe(0)
  })

  it('moves, and is found there by this session and by the next', async () => {
    const directory = await renamedOnce()
    const there = join(await tempDir(), 'there')
    const second = run(directory)
    await second.reach(isComplete)
    const saved = firstValueFrom(
      second.live.event$.pipe(
        skipWhile(({ _tag }) => _tag !== 'StorageMoved'),
        filter(({ _tag }) => _tag === 'ResumeSaved'),
      ),
    )
    await lastValueFrom(second.live.move(there))
    await saved
    second.leave()
    const third = watch(second.live)
    const found = await third.reach(isComplete)
    expect([found.directory, pathsOf(found), third.looked.size]).toEqual([there, NEW, 0])
    expect(await third.rename(0, 'films', 'two.mkv')).toBe('done')
    await third.stop()
    const fourth = run(there)
    expect(pathsOf(await fourth.reach(isComplete))).toEqual(NEW.with(0, 'films/two.mkv'))
    expect(fourth.looked.size).toBe(0)
    expect(await isFile(0, there, 'films', 'two.mkv')).toBe(true)
  })

  it('is not made before it is wanted, and has then what was kept of it', async () => {
    const port = await seedPort()
    const peers = [{ host: '127.0.0.1', port }]
    const directory = await tempDir()
    const first = run(directory, { peers, priorities: [4, 4, 0, 4] })
    await first.reach(({ phase }) => phase === 'seeding')
    expect(await first.rename(2, 'late', 'x')).toBe('done')
    await first.stop()
    expect((await readdir(directory)).sort()).toEqual(['.rxtorrent', 'data'])
    const second = run(directory, { peers })
    await second.reach(({ phase }) => phase === 'seeding')
    expect([second.looked.size, second.state().totals.downloaded]).toEqual([0, 0])
    expect(existsSync(join(directory, 'late'))).toBe(false)
    second.live.send({ _tag: 'SetPriorities', priorities: [4, 4, 4, 4] })
    await second.reach(isComplete)
    expect(second.state().totals.downloaded).toBeLessThan(40_000)
    expect(await isFile(2, directory, 'late', 'x')).toBe(true)
    expect(existsSync(join(directory, 'data', '2.bin'))).toBe(false)
  })
})

describe('another torrent in the folder', () => {
  const solo = makeTorrent({ name: 'solo', pieceLength: PIECE, files: 50_000, seed: 2 })
  const twin = makeTorrent({ name: 'solo', pieceLength: PIECE, files: 60_000, seed: 3 })
  const other = makeTorrent({ name: 'other', pieceLength: PIECE, files: 60_000, seed: 4 })
  const runOf = ({ metainfo: of }: MadeTorrent, directory: string): Run => watch(session(of, { directory }))

  it('can have the old name, and not the new one, in later runs too', async () => {
    const directory = await tempDir()
    await writeFiles(solo, directory)
    const first = runOf(solo, directory)
    await first.reach(isComplete)
    expect(await first.rename(0, 'other')).toBe('done')
    await first.stop()
    const second = runOf(solo, directory)
    await second.reach(isComplete)
    await runOf(twin, directory).reach(({ phase }) => phase === 'downloading')
    const { storage } = await runOf(other, directory).reach(({ phase }) => phase === 'stalled')
    expect(storage).toMatchObject({ error: { kind: 'conflict', operation: 'open', file: 'other' } })
    expect(await second.rename(0, 'solo')).toBe('conflict')
    await second.stop()
    expect(await readFile(join(directory, 'other'))).toEqual(Buffer.from(solo.content))
  })
})

describe('a session that is killed', () => {
  const library = fileURLToPath(new URL('../../../dist/index.js', import.meta.url))
  const child = fileURLToPath(new URL('../../support/renamedSession.mjs', import.meta.url))

  it('as soon as a name is saved has not forgotten it', { timeout: 60_000 }, async () => {
    if (!existsSync(library)) throw new Error(`${library} is not there: run "npm run build" first`)
    const directory = await whole()
    const file = join(await tempDir(), 'test.torrent')
    await writeFile(file, torrent.bytes)
    const process_ = spawn(process.execPath, [child, library, file, directory, 'elsewhere'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(process_.stdout, 'data')
    process_.kill('SIGKILL')
    await once(process_, 'exit')
    const second = run(directory)
    expect(pathsOf(await second.reach(isComplete))[0]).toBe('elsewhere')
    expect([second.looked.size, await isFile(0, directory, 'elsewhere')]).toEqual([0, true])
  })
})

describe('a name that was lost', () => {
  it('between the disk and the save: the file is fetched again, and what has the name stays', async () => {
    const directory = await whole()
    const first = run(directory)
    await first.reach(isComplete)
    await until(() => existsSync(join(directory, RESUME)))
    const before = join(await tempDir(), 'before')
    await copyFile(join(directory, RESUME), before)
    expect(await first.rename(3, 'films', 'one.mkv')).toBe('done')
    await first.stop()
    // As if the process had died before it was saved.
    await copyFile(before, join(directory, RESUME))
    const renamed = await stat(join(directory, 'films', 'one.mkv'))

    const port = await seedPort()
    const second = run(directory, { peers: [{ host: '127.0.0.1', port }] })
    const found = await second.reach(isComplete)
    expect(pathsOf(found)).toEqual(metainfo.files.map(({ path }) => path.join('/')))
    expect(rejections(second.notices)).toEqual([{ _tag: 'FilesChanged', files: [3] }])
    expect(found.totals.downloaded).toBeLessThan(200_000 + PIECE)
    expect(await isFile(3, directory, 'data', '3.bin')).toBe(true)
    expect(await second.rename(3, 'films', 'one.mkv')).toBe('conflict')
    const after = await stat(join(directory, 'films', 'one.mkv'))
    expect([after.mtimeMs, after.ino]).toEqual([renamed.mtimeMs, renamed.ino])
    expect(await isFile(3, directory, 'films', 'one.mkv')).toBe(true)
    expect(await firstValueFrom(second.live.removeData())).toEqual(E.right(undefined))
    expect(await isFile(3, directory, 'films', 'one.mkv')).toBe(true)
  })

  it('with the resume data: all is looked for under the names of the torrent', async () => {
    const directory = await renamedOnce()
    await writeFile(join(directory, RESUME), 'torn')
    const second = run(directory)
    const found = await second.reach(isChecked)
    expect(pathsOf(found)).toEqual(metainfo.files.map(({ path }) => path.join('/')))
    expect(rejections(second.notices)).toMatchObject([{ _tag: 'ResumeMalformed' }])
    expect(second.looked.size).toBe(metainfo.pieceCount)
    expect(found.progress.havePieces).toBe(Math.floor(140_000 / PIECE))
    expect(await isFile(3, directory, 'films', 'one.mkv')).toBe(true)
  })
})

describe('resume data that mean harm', () => {
  /** What a run left, with names of our making. */
  const forge = async (directory: string, renamed: ResumeData['renamed']): Promise<void> => {
    const kept = decodeResume(await readFile(join(directory, RESUME)), metainfo)
    if (E.isLeft(kept)) return expect.unreachable()
    await writeFile(join(directory, RESUME), encodeResume({ ...kept.right, renamed }))
  }

  it.each([
    ['above the folder', ['..', 'victim']],
    ['further above', ['data', '..', '..', 'victim']],
    ['in our own folder', ['.rxtorrent', 'victim']],
    ['of another file', ['data', '0.bin']],
    ['below another file', ['data', '0.bin', 'x']],
  ])('have no file %s: they are refused, all is checked, nothing else is touched', async (_, path) => {
    const top = await tempDir()
    const directory = join(top, 'here')
    await writeFiles(torrent, directory)
    const first = run(directory)
    await first.reach(isComplete)
    await first.stop()
    const victim = join(top, 'victim')
    await writeFile(victim, bytesOf(3))
    const { mtimeMs } = await stat(victim)
    await forge(directory, [{ file: 3, path }])

    const second = run(directory)
    const found = await second.reach(isComplete)
    expect(rejections(second.notices)).toEqual([{ _tag: 'ResumeMismatch', field: 'renamed' }])
    expect(second.looked.size).toBe(metainfo.pieceCount)
    expect(pathsOf(found)).toEqual(metainfo.files.map(({ path: own }) => own.join('/')))
    expect(await firstValueFrom(second.live.removeData())).toEqual(E.right(undefined))
    expect((await stat(victim)).mtimeMs).toBe(mtimeMs)
    expect([await readdir(top), await readdir(directory)]).toEqual([['here', 'victim'], []])
  })

  it('lead through no link: that is a conflict, and what it leads to is left alone', async () => {
    const top = await tempDir()
    const directory = join(top, 'here')
    await writeFiles(torrent, directory)
    const first = run(directory)
    await first.reach(isComplete)
    await first.stop()
    await mkdir(join(top, 'victim'))
    await writeFile(join(top, 'victim', 'x'), 'precious')
    await symlink(join(top, 'victim'), join(directory, 'link'))
    await forge(directory, [{ file: 3, path: ['link', 'x'] }])

    const port = await seedPort()
    const second = run(directory, { peers: [{ host: '127.0.0.1', port }] })
    const { storage } = await second.reach(({ phase }) => phase === 'stalled')
    expect(storage).toMatchObject({ _tag: 'Stalled', error: { kind: 'conflict', file: 'link/x' } })
    await second.stop()
    expect(await readFile(join(top, 'victim', 'x'), 'utf8')).toBe('precious')
    expect(await readdir(join(top, 'victim'))).toEqual(['x'])
  })
})
