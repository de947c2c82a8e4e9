import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { firstValueFrom, merge, type Observable, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { ResumeError } from '../../../src/codecs/resume.js'
import type { FlushReach } from '../../../src/operators/resume/syncedPieces.js'
import type { ResumeStore } from '../../../src/streams/deps.js'
import { nodeResumeStore } from '../../../src/streams/node/resumeStore.js'
import { tempDir } from '../../support/tempDir.js'
import { watchSyncs } from '../../support/watchSyncs.js'

const ID = '0123456789abcdef0123456789abcdef01234567'
const NAME = `${ID}.resume`
const bytes = (...values: ReadonlyArray<number>): Uint8Array => Uint8Array.from(values)
type Answer$ = Observable<Either<ResumeError, unknown>>
const isRoot = process.getuid?.() === 0

describe('resume data in files', () => {
  it('are none at first, then what was saved last, in one file of the folder', async () => {
    const directory = join(await tempDir(), 'a', 'b')
    const store = nodeResumeStore({ directory })
    expect(await firstValueFrom(store.load(ID))).toEqual(E.right(O.none))
    expect(existsSync(directory)).toBe(false)
    for (const content of [bytes(1, 2), bytes(3), bytes()]) {
      expect(await firstValueFrom(store.save(ID, content))).toEqual(E.right(undefined))
      const loaded = await firstValueFrom(store.load(ID))
      expect(E.isRight(loaded) && O.isSome(loaded.right) && [...loaded.right.value]).toEqual([...content])
    }
    expect(readdirSync(directory)).toEqual(['.rxtorrent'])
    expect(readdirSync(join(directory, '.rxtorrent'))).toEqual([NAME])
    expect(statSync(join(directory, '.rxtorrent', NAME)).mode & 0o077).toBe(0)
  })

  it('are removed with their folder, but not with what others keep there', async () => {
    const directory = await tempDir()
    const store = nodeResumeStore({ directory })
    expect(await firstValueFrom(store.remove(ID))).toEqual(E.right(undefined))
    await firstValueFrom(store.save(ID, bytes(1)))
    await firstValueFrom(store.remove(ID))
    expect(readdirSync(directory)).toEqual([])
    await firstValueFrom(store.save(ID, bytes(1)))
    writeFileSync(join(directory, '.rxtorrent', 'other'), '')
    await firstValueFrom(store.remove(ID))
    expect(readdirSync(join(directory, '.rxtorrent'))).toEqual(['other'])
  })

  it('leave a folder that was made without the device to the first save that reaches it', async () => {
    const directory = await tempDir()
    const inRoot = watchSyncs(directory)
    const saved = async (store: ResumeStore, reach: FlushReach): Promise<boolean> => {
      expect(await firstValueFrom(store.save(ID, bytes(1), reach))).toEqual(E.right(undefined))
      // Nor does anything come after the answer.
      await firstValueFrom(store.load(ID))
      return inRoot()
    }
    const store = nodeResumeStore({ directory })
    expect(await saved(store, 'system')).toBe(false)
    expect(await saved(store, 'device')).toBe(true)
    expect(await saved(store, 'device')).toBe(false)
    // Nothing tells whether it was another process that made it a moment ago.
    const next = nodeResumeStore({ directory })
    expect(await saved(next, 'device')).toBe(true)
    await firstValueFrom(next.remove(ID))
    expect(await saved(next, 'system')).toBe(false)
    expect(await saved(next, 'device')).toBe(true)
    expect(await saved(next, 'device')).toBe(false)
    rmSync(join(directory, '.rxtorrent'), { recursive: true })
    expect(await saved(next, 'system')).toBe(false)
    expect(await saved(next, 'device')).toBe(true)
    // Nor whether another store made it once it was gone.
    await firstValueFrom(next.remove(ID))
    expect(await saved(store, 'system')).toBe(false)
    expect(await saved(next, 'device')).toBe(true)
  })

  it('are there as soon as a save that needs no device has answered, and one that does goes on from there', async () => {
    const directory = join(await tempDir(), 'made')
    const store = nodeResumeStore({ directory })
    for (const [content, reach] of [
      [bytes(1), 'system'],
      [bytes(2), 'device'],
    ] as const) {
      expect(await firstValueFrom(store.save(ID, content, reach))).toEqual(E.right(undefined))
      expect([...readFileSync(join(directory, '.rxtorrent', NAME))]).toEqual([...content])
    }
    expect(readdirSync(join(directory, '.rxtorrent'))).toEqual([NAME])
  })

  it('are written one save at a time: the newest waits, and who asked before is answered with it', async () => {
    const directory = await tempDir()
    const store = nodeResumeStore({ directory })
    const saves = Array.from({ length: 50 }, (_, i) => store.save(ID, bytes(i)))
    const answers = await firstValueFrom(merge(...saves).pipe(toArray()))
    expect(answers).toEqual(saves.map(() => E.right(undefined)))
    expect([...readFileSync(join(directory, '.rxtorrent', NAME))]).toEqual([49])
  })

  it('are done with in the order of the calls', async () => {
    const directory = await tempDir()
    const store = nodeResumeStore({ directory })
    const [, , , loaded] = await Promise.all([
      firstValueFrom(store.save(ID, bytes(1))),
      firstValueFrom(store.save(ID, bytes(2))),
      firstValueFrom(store.remove(ID)),
      firstValueFrom(store.load(ID)),
      firstValueFrom(store.save(ID, bytes(3))),
    ])
    expect(loaded).toEqual(E.right(O.none))
    expect([...readFileSync(join(directory, '.rxtorrent', NAME))]).toEqual([3])
  })

  it('are saved although nobody listens any more', async () => {
    const directory = await tempDir()
    const store = nodeResumeStore({ directory })
    store.save(ID, bytes(7)).subscribe({ error: expect.unreachable }).unsubscribe()
    const loaded = await firstValueFrom(store.load(ID))
    expect(E.isRight(loaded) && O.isSome(loaded.right) && [...loaded.right.value]).toEqual([7])
  })

  it('leave nothing of a crash behind', async () => {
    const directory = await tempDir()
    const store = nodeResumeStore({ directory })
    await firstValueFrom(store.save(ID, bytes(1)))
    const leftover = join(directory, '.rxtorrent', `${NAME}.tmp`)
    writeFileSync(leftover, 'torn')
    const loaded = await firstValueFrom(store.load(ID))
    expect(E.isRight(loaded) && O.isSome(loaded.right) && [...loaded.right.value]).toEqual([1])
    expect(existsSync(leftover)).toBe(false)
    writeFileSync(leftover, 'torn')
    expect(await firstValueFrom(store.save(ID, bytes(2)))).toEqual(E.right(undefined))
    expect(readdirSync(join(directory, '.rxtorrent'))).toEqual([NAME])
    expect([...readFileSync(join(directory, '.rxtorrent', NAME))]).toEqual([2])
  })

  it('go around what somebody has put in the way of a save', async () => {
    const directory = await tempDir()
    const store = nodeResumeStore({ directory })
    await firstValueFrom(store.save(ID, bytes(1)))
    const saved = join(directory, '.rxtorrent', NAME)
    writeFileSync(join(directory, 'theirs'), 'theirs')
    symlinkSync(join(directory, 'theirs'), `${saved}.tmp`)
    expect(await firstValueFrom(store.save(ID, bytes(2)))).toEqual(E.right(undefined))
    expect([...readFileSync(saved)]).toEqual([2])
    expect(readFileSync(join(directory, 'theirs'), 'utf8')).toBe('theirs')
    mkdirSync(`${saved}.tmp`)
    expect(await firstValueFrom(store.save(ID, bytes(3)))).toMatchObject({ left: { operation: 'save' } })
    expect([...readFileSync(saved)]).toEqual([2])
  })

  it('are not read or written through symlinks', async () => {
    const directory = await tempDir()
    const elsewhere = await tempDir()
    writeFileSync(join(elsewhere, 'secret'), 'secret')
    writeFileSync(join(elsewhere, `${NAME}.tmp`), 'not ours')
    mkdirSync(join(directory, '.rxtorrent'))
    symlinkSync(join(elsewhere, 'secret'), join(directory, '.rxtorrent', NAME))
    const store = nodeResumeStore({ directory })
    expect(await firstValueFrom(store.load(ID))).toMatchObject({ left: { operation: 'load', code: 'ELOOP' } })
    expect(await firstValueFrom(store.save(ID, bytes(1)))).toEqual(E.right(undefined))
    expect(readFileSync(join(elsewhere, 'secret'), 'utf8')).toBe('secret')

    const linked = await tempDir()
    symlinkSync(elsewhere, join(linked, '.rxtorrent'))
    const tricked = nodeResumeStore({ directory: linked })
    for (const answer$ of [tricked.load(ID) as Answer$, tricked.save(ID, bytes(1)), tricked.remove(ID)]) {
      expect(await firstValueFrom(answer$)).toMatchObject({ left: { code: 'ELOOP' } })
    }
    expect(readdirSync(elsewhere).sort()).toEqual([`${NAME}.tmp`, 'secret'])
  })

  it('are refused where they are larger than any can be, and where they are no file', async () => {
    const directory = await tempDir()
    const store = nodeResumeStore({ directory })
    await firstValueFrom(store.save(ID, bytes(1)))
    writeFileSync(join(directory, '.rxtorrent', NAME), new Uint8Array(16 * 1024 * 1024 + 1))
    expect(await firstValueFrom(store.load(ID))).toMatchObject({ left: { code: 'EFBIG' } })
    await firstValueFrom(store.remove(ID))
    mkdirSync(join(directory, '.rxtorrent', NAME), { recursive: true })
    expect(E.isLeft(await firstValueFrom(store.load(ID)))).toBe(true)
    expect(E.isLeft(await firstValueFrom(store.save(ID, bytes(1))))).toBe(true)
    expect(readdirSync(join(directory, '.rxtorrent'))).toEqual([NAME])
  })

  it.each(['', '..', 'a/b', ID.toUpperCase(), `${ID}0`])('are of no torrent named %j', async (id) => {
    const directory = await tempDir()
    const store = nodeResumeStore({ directory })
    for (const answer$ of [store.load(id) as Answer$, store.save(id, bytes(1)), store.remove(id)]) {
      expect(await firstValueFrom(answer$)).toMatchObject({ left: { code: 'EINVAL' } })
    }
    expect(readdirSync(directory)).toEqual([])
  })

  it.skipIf(isRoot)('say what the system said where they cannot be saved', async () => {
    const directory = await tempDir()
    mkdirSync(join(directory, 'locked'), { mode: 0o500 })
    const store = nodeResumeStore({ directory: join(directory, 'locked') })
    expect(await firstValueFrom(store.save(ID, bytes(1)))).toEqual(
      E.left({ _tag: 'ResumeStoreFailed', operation: 'save', code: 'EACCES' }),
    )
  })
})
