import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import MemoryChunkStore from 'memory-chunk-store'
import { filter, firstValueFrom, lastValueFrom, skipWhile, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { toHex } from '../../src/codecs/bytes.js'
import { resumeInfohash } from '../../src/codecs/resume.js'
import type { Notice } from '../../src/operators/session/notice.js'
import { fromChunkStore } from '../../src/streams/disk/fromChunkStore.js'
import { session } from '../../src/streams/node/nodeSession.js'
import type { SessionState } from '../../src/operators/session/state.js'
import { createSession, type Session } from '../../src/streams/session.js'
import { layoutOf } from '../../src/streams/storageLayout.js'
import { createVirtualWorld } from '../../src/streams/virtual/world.js'
import { nodeResumeStore } from '../../src/streams/node/resumeStore.js'

import { makeTorrent } from '../support/makeTorrent.js'
import { memoryDisk, runSession } from '../support/realSession.js'
import { tempDir } from '../support/tempDir.js'
import { until } from '../support/until.js'

const torrent = makeTorrent({ pieceLength: 16_384, files: [20_000, 0, 40_000] })

const aligned = makeTorrent({ pieceLength: 16_384, files: [16_384, 16_384, 16_384] })

/** A session over real files, complete unless told otherwise. */
const seed = async (): Promise<{ readonly live: Session; readonly here: string; readonly there: string }> => {
  const top = await tempDir()
  const here = join(top, 'here')
  let at = 0
  for (const { path, length } of torrent.metainfo.files) {
    mkdirSync(join(here, ...path, '..'), { recursive: true })
    writeFileSync(join(here, ...path), torrent.content.subarray(at, at + length))
    at += length
  }
  return { live: session(torrent.metainfo, { directory: here }), here, there: join(top, 'there') }
}
const isKnown = ({ phase }: SessionState): boolean => phase === 'seeding' || phase === 'downloading'
const isSeeding = (live: Session): Promise<unknown> =>
  firstValueFrom(live.state$.pipe(filter(({ progress }) => progress.isComplete)))

describe('the files of a session', () => {
  it('move while it runs: the state says where, and it goes on there', async () => {
    const { live, here, there } = await seed()
    const running = live.state$.subscribe({ error: expect.unreachable })
    await isSeeding(live)
    const steps = await lastValueFrom(live.move(there).pipe(toArray()))
    expect(steps.at(-1)).toEqual(E.right({ movedBytes: 60_000, totalBytes: 60_000, isDone: true }))
    const { directory, phase } = await firstValueFrom(live.state$)
    expect([directory, phase]).toEqual([there, 'seeding'])
    expect(await readdir(here)).toEqual([])
    expect((await readdir(join(there, 'data'))).length).toBe(3)
    running.unsubscribe()
  })

  it('are looked for where they were moved to, when the session is left and subscribed to anew', async () => {
    const { live, here, there } = await seed()
    const running = live.state$.subscribe({ error: expect.unreachable })
    await isSeeding(live)
    await lastValueFrom(live.move(there))
    running.unsubscribe()
    const again = live.state$.subscribe({ error: expect.unreachable })
    const known = await firstValueFrom(live.state$.pipe(filter(isKnown)))
    expect([known.directory, known.phase]).toEqual([there, 'seeding'])
    expect(await readdir(here)).toEqual([])
    await lastValueFrom(live.move(here))
    again.unsubscribe()
    const back = await firstValueFrom(live.state$.pipe(filter(isKnown)))
    expect([back.directory, back.phase]).toEqual([here, 'seeding'])
  })

  it('are looked for where they were moved to, when the first check has to begin anew', () => {
    const { clock, host } = createVirtualWorld({ seed: 1 })
    const own = host('10.0.0.1')
    own.disk.preload(layoutOf(torrent.metainfo), torrent.content)
    own.disk.failNext('hash', 'EIO')
    const live = createSession(torrent.metainfo, own.deps)
    const running = live.state$.subscribe({ error: expect.unreachable })
    running.add(live.move('there').subscribe({ error: expect.unreachable }))
    clock.run(() => live.state()?.phase === 'stalled', 60_000)
    expect(live.state()?.directory).toBe('there')
    clock.advanceBy(10_000)
    expect(live.state()).toMatchObject({ phase: 'seeding', directory: 'there' })
    expect(own.disk.files().every((path) => path.startsWith('there/'))).toBe(true)
    running.unsubscribe()
  })

  it('a move asked of a session that nobody watches starts it, and it ends with the move', async () => {
    const { live, here, there } = await seed()
    const last = await lastValueFrom(live.move(there))
    expect(E.isRight(last) && last.right.isDone).toBe(true)
    expect(await readdir(here)).toEqual([])
    live.releaseHandles()
  })

  it.each([
    ['go along with the data by themselves', undefined],
    ['stay where the user keeps them', 'keep'],
  ])('resume data %s', async (_, name) => {
    const { metainfo } = torrent
    const { here, there } = await seed()
    const keep = join(here, '..', name ?? 'there')
    const deps = name === undefined ? {} : { resume: nodeResumeStore({ directory: keep }) }
    const live = session(metainfo, { directory: here, deps })
    const saved = firstValueFrom(
      live.event$.pipe(
        skipWhile(({ _tag }) => _tag !== 'StorageMoved'),
        filter(({ _tag }) => _tag === 'ResumeSaved'),
      ),
    )
    const running = live.state$.subscribe({ error: expect.unreachable })
    await isSeeding(live)
    await lastValueFrom(live.move(there))
    await saved
    running.unsubscribe()
    const file = join('.rxtorrent', `${toHex(resumeInfohash(metainfo))}.resume`)
    await until(() => existsSync(join(keep, file)))
    await until(() => !existsSync(join(here, file)))
    expect(existsSync(join(there, file))).toBe(keep === there)
  })

  it('a move or a name that makes no sense is answered too', async () => {
    const { session: running } = runSession(torrent, memoryDisk(torrent, torrent.content))
    const refused = E.left({ kind: 'conflict', code: 'EINVAL' })
    expect(await lastValueFrom(running.move(''))).toMatchObject(refused)
    const odd$ = running.rename(0, 'not a list' as unknown as ReadonlyArray<string>)
    expect(await lastValueFrom(odd$)).toMatchObject(refused)
  })

  it('a move that fails is a value, and nothing has changed', async () => {
    const { live, here, there } = await seed()
    mkdirSync(join(there, 'data'), { recursive: true })
    writeFileSync(join(there, 'data', '2.bin'), 'a stranger')
    const running = live.state$.subscribe({ error: expect.unreachable })
    await isSeeding(live)
    const last = await lastValueFrom(live.move(there))
    expect(E.isLeft(last) && last.left).toMatchObject({
      kind: 'conflict',
      operation: 'move',
      file: 'data/2.bin',
    })
    expect(await firstValueFrom(live.state$)).toMatchObject({ directory: here, phase: 'seeding' })
    running.unsubscribe()
  })

  it('are renamed, and refused what a torrent could not have', async () => {
    const { live, here } = await seed()
    const running = live.state$.subscribe({ error: expect.unreachable })
    await isSeeding(live)
    expect(await firstValueFrom(live.rename(0, ['data', 'new name']))).toEqual(E.right(undefined))
    expect((await readdir(join(here, 'data'))).sort()).toEqual(['1.bin', '2.bin', 'new name'])
    const refused = await firstValueFrom(live.rename(0, ['..', 'x']))
    expect(E.isLeft(refused) && refused.left.kind).toBe('conflict')
    running.unsubscribe()
  })

  it('keep their names in any storage, when the session is left and subscribed to anew', async () => {
    const { session: live, subscription } = runSession(torrent, memoryDisk(torrent, torrent.content))
    await isSeeding(live)
    expect(await firstValueFrom(live.rename(2, ['films', 'x']))).toEqual(E.right(undefined))
    subscription.unsubscribe()
    const again = live.state$.subscribe({ error: expect.unreachable })
    const { phase, files } = await firstValueFrom(live.state$.pipe(filter(isKnown)))
    expect([phase, files[2]?.path]).toEqual(['seeding', ['films', 'x']])
    again.unsubscribe()
  })

  it('have the names of an earlier run in a storage that cannot rename, too', async () => {
    const { clock, host } = createVirtualWorld({ seed: 1 })
    const own = host('10.0.0.1')
    const { metainfo, content } = torrent
    own.disk.preload(layoutOf(metainfo), content)
    const first = createSession(metainfo, own.deps)
    const running = first.state$.subscribe({ error: expect.unreachable })
    clock.run(() => first.state()?.phase === 'seeding', 60_000)
    running.add(first.rename(2, ['films', 'x']).subscribe({ error: expect.unreachable }))
    clock.advanceBy(1_000)
    running.unsubscribe()

    const chunks = new MemoryChunkStore(metainfo.pieceLength, { length: content.length })
    for (let piece = 0; piece < metainfo.pieceCount; piece++) {
      const at = piece * metainfo.pieceLength
      chunks.put(piece, content.subarray(at, at + metainfo.pieceLength), () => undefined)
    }
    const { hasher } = own.deps
    const second = createSession(metainfo, {
      ...own.deps,
      openStorage: fromChunkStore(() => chunks, { hasher }),
    })
    const notices: Notice[] = []
    const watching = second.alert$.subscribe({
      next: (notice) => notices.push(notice),
      error: expect.unreachable,
    })
    // The store answers in real time.
    await until(() => {
      clock.advanceBy(250)
      return second.state()?.phase === 'seeding'
    })
    // It cannot tell what the files are: all is checked.
    expect(notices).toContainEqual(
      expect.objectContaining({ _tag: 'ResumeRejected', reason: { _tag: 'FilesUnknown' } }),
    )
    expect(second.state()?.files[2]?.path).toEqual(['films', 'x'])
    watching.unsubscribe()
  })

  it("are removed with the session's end", async () => {
    const { live, here } = await seed()
    writeFileSync(join(here, 'data', 'mine'), 'stays')
    const phases: string[] = []
    const over = lastValueFrom(live.state$)
    const watching = live.state$.subscribe({
      next: ({ phase }) => phases.push(phase),
      error: expect.unreachable,
    })
    await isSeeding(live)
    expect(await firstValueFrom(live.removeData())).toEqual(E.right(undefined))
    expect((await over).phase).toBe('stopped')
    expect(await readdir(join(here, 'data'))).toEqual(['mine'])
    expect(existsSync(join(here, 'data', '0.bin'))).toBe(false)
    watching.unsubscribe()
    const late = await firstValueFrom(live.removeData())
    expect(E.isLeft(late) && late.left.kind).toBe('closed')
  })

  it("removing leaves a stranger's file in the place of one that was never wanted", async () => {
    const { metainfo } = aligned
    const here = join(await tempDir(), 'here')
    mkdirSync(join(here, 'data'), { recursive: true })
    writeFileSync(join(here, 'data', '0.bin'), aligned.content.subarray(0, 16_384))
    writeFileSync(join(here, 'data', '1.bin'), 'my own notes')
    writeFileSync(join(here, 'data', '2.bin'), aligned.content.subarray(32_768))
    const live = session(metainfo, { directory: here, priorities: [4, 0, 0] })
    const running = live.state$.subscribe({ error: expect.unreachable })
    await firstValueFrom(live.state$.pipe(filter(({ phase }) => phase === 'seeding')))
    expect(await firstValueFrom(live.removeData())).toEqual(E.right(undefined))
    expect(await readdir(join(here, 'data'))).toEqual(['1.bin'])
    running.unsubscribe()
  })

  it('a storage that cannot do it says so', async () => {
    const { session: live, notices } = runSession(torrent, memoryDisk(torrent, torrent.content))
    const answer = await lastValueFrom(live.move('/nowhere'))
    expect(E.isLeft(answer) && answer.left).toMatchObject({ kind: 'unsupported', operation: 'move' })
    expect(notices.some(({ _tag }) => _tag === 'StorageOpFailed')).toBe(true)
    expect(await firstValueFrom(live.rename(2, ['data', 'z']))).toEqual(E.right(undefined))
  })
})
