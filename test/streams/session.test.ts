import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  EMPTY,
  filter,
  firstValueFrom,
  lastValueFrom,
  map,
  NEVER,
  type Observable,
  of,
  Subscription,
  take,
  throwError,
  toArray,
} from 'rxjs'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { describe, expect, it } from 'vitest'
import type { Notice } from '../../src/operators/session/notice.js'
import type { SessionState } from '../../src/operators/session/state.js'
import type { SessionDeps } from '../../src/streams/deps.js'
import { fileStorage } from '../../src/streams/node/fileStorage.js'
import { createHashPool } from '../../src/streams/node/hashPool.js'
import { session } from '../../src/streams/node/nodeSession.js'
import { createSession, type Session } from '../../src/streams/session.js'
import { layoutOf } from '../../src/streams/storageLayout.js'
import { createVirtualWorld, type VirtualHost } from '../../src/streams/virtual/world.js'
import { makeTorrent, type MadeTorrent, writeFiles } from '../support/makeTorrent.js'
import { makeV2Torrent } from '../support/makeV2Torrent.js'
import { openFilesBelow } from '../support/openFilesBelow.js'
import { tempDir } from '../support/tempDir.js'
import { until } from '../support/until.js'
import { rethrow } from '../support/rethrow.js'

const portOf = (running: Session): Promise<number> =>
  firstValueFrom(
    running.state$.pipe(
      map(({ port }) => O.toUndefined(port)),
      filter((port) => port !== undefined),
    ),
  )

const files = makeTorrent({ pieceLength: 32_768, files: [100_000, 0, 5, 70_000, 333_333] })

const seeder = async (
  torrent: MadeTorrent,
): Promise<{ running: Session; port: number; directory: string; stop: () => void }> => {
  const directory = await tempDir()
  await writeFiles(torrent, directory)
  const running = session(torrent.metainfo, { directory })
  const keeping = running.state$.subscribe({ error: rethrow })
  return { running, directory, port: await portOf(running), stop: () => keeping.unsubscribe() }
}

const expectFiles = async (torrent: MadeTorrent, directory: string): Promise<void> => {
  for (const { path, offset, length, isPad } of torrent.metainfo.files) {
    if (isPad) continue
    const bytes = await readFile(join(directory, ...path))
    expect(Buffer.compare(bytes, torrent.content.subarray(offset, offset + length)), path.join('/')).toBe(0)
  }
}

/** Sockets and servers that are open. */
const handles = (): ReadonlyArray<string> =>
  process
    .getActiveResourcesInfo()
    .filter((name) => name.startsWith('TCP'))
    .sort()

describe('a session on this machine', () => {
  it('downloads from one that seeds, and has everything on disk when it says so', async () => {
    const { port, stop } = await seeder(files)
    const directory = await tempDir()
    const leech = session(files.metainfo, { directory, peers: [{ host: '127.0.0.1', port }] })
    const done = await firstValueFrom(leech.complete$)
    expect(done).toMatchObject({ isComplete: true, fraction: 1 })
    await expectFiles(files, directory)
    stop()
  })

  it('downloads a v2 torrent, each file to its end, and goes on from what is there', async () => {
    const v2 = makeV2Torrent({ pieceLength: 65_536, files: [200_000, 5, 0, 65_536, 40_000, 65_537] })
    const { port, stop } = await seeder(v2)
    const directory = await tempDir()
    const download = (): Promise<SessionState> => {
      const leech = session(v2.metainfo, { directory, peers: [{ host: '127.0.0.1', port }] })
      return firstValueFrom(leech.state$.pipe(filter(({ progress }) => progress.isComplete)))
    }
    const size = v2.metainfo.totalSize
    const first = await download()
    expect(first.progress).toMatchObject({
      totalBytes: size,
      haveBytes: size,
      wantedBytes: size,
      fraction: 1,
    })
    expect(first.totals).toMatchObject({ downloaded: size, corrupt: 0, wasted: 0 })
    await expectFiles(v2, directory)
    expect(await readdir(join(directory, 'data'))).toHaveLength(6)
    const spoilt = join(directory, 'data', '4.bin')
    await writeFile(spoilt, (await readFile(spoilt)).fill(1, 39_999))
    expect((await download()).totals.downloaded).toBe(40_000)
    await expectFiles(v2, directory)
    stop()
  })

  it('goes on from what is there, and fetches again what is spoilt', async () => {
    const { port, stop, directory: source } = await seeder(files)
    const directory = await tempDir()
    await writeFiles(files, directory)
    const spoilt = join('data', '4.bin')
    const bytes = await readFile(join(source, spoilt))
    bytes[100_000]! ^= 1
    await writeFile(join(directory, spoilt), bytes)
    const leech = session(files.metainfo, { directory, peers: [{ host: '127.0.0.1', port }] })
    const totals = firstValueFrom(
      leech.state$.pipe(
        filter(({ progress }) => progress.isComplete),
        map((state) => state.totals),
      ),
    )
    expect((await totals).downloaded).toBe(32_768)
    await expectFiles(files, directory)
    stop()
  })

  it('resumes after a stop, without a byte that it had', async () => {
    const large = makeTorrent({ pieceLength: 65_536, files: 40 * 65_536 })
    const { port, stop } = await seeder(large)
    const directory = await tempDir()
    const run = (until: (state: SessionState) => boolean): Promise<SessionState> => {
      const slow = { rate: () => ({ down: 2_000_000, up: Infinity }) }
      const leech = session(large.metainfo, {
        directory,
        peers: [{ host: '127.0.0.1', port }],
        policies: slow,
      })
      leech.state$.pipe(filter(until), take(1)).subscribe({
        next: () => {
          leech.send({ _tag: 'Stop' })
        },
        error: rethrow,
      })
      return lastValueFrom(leech.state$)
    }
    const first = await run(({ progress }) => progress.havePieces >= 5)
    expect(first.phase).toBe('stopped')
    expect(first.progress.havePieces).toBeLessThan(40)
    const second = await run(({ progress }) => progress.isComplete)
    expect(second.progress.isComplete).toBe(true)
    expect(first.totals.downloaded + second.totals.downloaded).toBe(large.content.length)
    expect(second.lifetime.downloaded).toBe(large.content.length)
    await expectFiles(large, directory)
    stop()
  })

  it('leaves no socket or file behind, whenever it is left', async () => {
    const { port, stop } = await seeder(files)
    const before = handles()
    for (let ms = 0; ms < 60; ms += 4) {
      const directory = await tempDir()
      const leech = session(files.metainfo, { directory, peers: [{ host: '127.0.0.1', port }] })
      const subscription = leech.state$.subscribe({ error: rethrow })
      await new Promise((resolve) => setTimeout(resolve, ms))
      subscription.unsubscribe()
      await until(() => openFilesBelow(directory).length === 0)
    }
    await until(() => handles().length <= before.length)
    expect(handles()).toEqual(before)
    stop()
    await until(() => handles().length === before.length - 1)
  })

  it('says so when another one has its files', async () => {
    const { directory, stop } = await seeder(files)
    const openStorage = fileStorage({ directory, hashPool: createHashPool() })
    const [one, two] = [0, 1].map(() => session(files.metainfo, { directory, deps: { openStorage } }))
    const keeping = one!.state$.subscribe({ error: rethrow })
    const notice = await firstValueFrom(two!.alert$)
    expect(notice).toMatchObject({ _tag: 'StorageFailed', error: { kind: 'conflict' } })
    keeping.unsubscribe()
    stop()
  })
})

const torrent = makeTorrent({
  pieceLength: 16_384,
  files: 12 * 16_384,
  trackers: ['http://tracker.test/announce'],
})
const layout = layoutOf(torrent.metainfo)

const worldOf = (
  seed = 1,
): { world: ReturnType<typeof createVirtualWorld>; seed: VirtualHost; leech: VirtualHost } => {
  const world = createVirtualWorld({ seed, network: { latencyMs: 5, link: { up: 400_000 } } })
  const host = world.host('10.0.0.1')
  host.disk.preload(layout, torrent.content)
  return { world, seed: host, leech: world.host('10.0.0.2') }
}

describe('createSession', () => {
  it('refuses a v2 torrent without its piece layers', () => {
    const v2 = makeV2Torrent({ pieceLength: 16_384, files: [40_000], hasLayers: false })
    expect(() => createSession(v2.metainfo, worldOf().leech.deps)).toThrow(TypeError)
  })

  it('is cold: nothing happens before somebody subscribes, and commands go nowhere', () => {
    const { world, leech } = worldOf()
    const running = createSession(torrent.metainfo, leech.deps)
    running.send({ _tag: 'Stop' })
    world.clock.advanceBy(10_000)
    expect(world.clock.pending()).toBe(0)
    expect(leech.disk.operations('open')).toBe(0)
    expect(world.tracker.announces()).toEqual([])
  })

  it('runs once for a hundred subscribers of all its streams', () => {
    const { world, leech } = worldOf()
    const running = createSession(torrent.metainfo, leech.deps)
    const { state$, progress$, bitfield$, pieces$, peers$, trackers$, rates$, alert$, piece$, complete$ } =
      running
    const streams: ReadonlyArray<Observable<unknown>> = [
      state$,
      progress$,
      bitfield$,
      pieces$,
      peers$,
      trackers$,
      rates$,
      alert$,
      piece$,
      complete$,
      running.event$,
      running.config$,
    ]
    const all = new Subscription()
    for (let i = 0; i < 100; i++) all.add(streams[i % streams.length]!.subscribe({ error: rethrow }))
    world.clock.advanceBy(5_000)
    expect(leech.disk.openStorages()).toBe(1)
    expect(leech.disk.operations('open')).toBe(1)
    expect(world.network.openPorts(leech.address)).toBe(1)
    expect(world.tracker.announces()).toHaveLength(1)
    all.unsubscribe()
    expect(leech.disk.openStorages()).toBe(0)
    expect(world.network.openPorts()).toBe(0)
  })

  it('tells a late subscriber the latest state at once', () => {
    const { world, leech } = worldOf()
    const running = createSession(torrent.metainfo, leech.deps)
    const states: SessionState[] = []
    const keeping = running.state$.subscribe({ next: (state) => states.push(state), error: rethrow })
    world.clock.advanceBy(3_000)
    const late: unknown[] = []
    keeping.add(running.state$.subscribe({ next: (state) => late.push(state), error: rethrow }))
    keeping.add(running.progress$.subscribe({ next: (progress) => late.push(progress), error: rethrow }))
    expect(late).toHaveLength(2)
    expect(late[0]).toBe(states.at(-1))
    expect(late[1]).toBe(states.at(-1)!.progress)
    keeping.unsubscribe()
  })

  it('completes what waits for completion, at once when it comes late, and never before the flush', () => {
    const { world, seed, leech } = worldOf()
    const keeping = createSession(torrent.metainfo, seed.deps).state$.subscribe({ error: rethrow })
    const running = createSession(torrent.metainfo, leech.deps)
    let flushes = -1
    let isDone = false
    keeping.add(
      running.complete$.subscribe({
        next: () => {
          flushes = leech.disk.operations('flush')
          expect(Buffer.compare(leech.disk.bytes(layout), torrent.content)).toBe(0)
        },
        error: rethrow,
        complete: () => (isDone = true),
      }),
    )
    keeping.add(running.state$.subscribe({ error: rethrow }))
    world.clock.run(() => isDone, 60_000)
    expect(flushes).toBe(1)
    let lateValues = 0
    running.complete$.subscribe({ next: () => lateValues++, error: rethrow })
    expect(lateValues).toBe(1)
    keeping.unsubscribe()
  })

  it('tells each piece once', () => {
    const { world, seed, leech } = worldOf()
    const keeping = createSession(torrent.metainfo, seed.deps).state$.subscribe({ error: rethrow })
    const running = createSession(torrent.metainfo, leech.deps)
    const pieces: number[] = []
    keeping.add(running.piece$.subscribe({ next: (piece) => pieces.push(piece), error: rethrow }))
    world.clock.run(() => pieces.length === 12, 60_000)
    world.clock.advanceBy(5_000)
    expect(pieces.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    keeping.unsubscribe()
  })

  it('shows that it has stopped, also where its time was up', () => {
    const { world, leech } = worldOf()
    const running = createSession(torrent.metainfo, {
      ...leech.deps,
      resume: { load: () => of(E.right(O.none)), save: () => NEVER, remove: () => NEVER },
    })
    const phases: string[] = []
    running.phase$.subscribe({ next: (phase) => phases.push(phase), error: rethrow })
    world.clock.advanceBy(2_000)
    running.send({ _tag: 'SaveResume' })
    world.clock.advanceBy(2_000)
    running.send({ _tag: 'Stop' })
    world.clock.advanceBy(5_000)
    expect(phases.slice(-2)).toEqual(['stopping', 'stopped'])
  })

  it('ends in good order when told to: every stream completes, and keeps its last state', () => {
    const { world, leech } = worldOf()
    const running = createSession(torrent.metainfo, leech.deps)
    const ended: string[] = []
    const streams = Object.entries(running).filter(([name]) => name.endsWith('$'))
    for (const [name, stream] of streams) {
      const stream$ = stream as Observable<unknown>
      stream$.subscribe({ error: rethrow, complete: () => ended.push(name) })
    }
    world.clock.advanceBy(2_000)
    running.send({ _tag: 'Stop' })
    running.send({ _tag: 'Stop' })
    world.clock.advanceBy(2_000)
    expect(ended).toHaveLength(streams.length)
    expect(world.tracker.announces().map(({ request }) => request.event)).toEqual(['started', 'stopped'])
    expect(world.clock.pending()).toBe(0)
    expect(leech.disk.openStorages()).toBe(0)
    const late: string[] = []
    running.state$.subscribe({
      next: ({ phase }) => late.push(phase),
      error: rethrow,
      complete: () => late.push('complete'),
    })
    expect(late).toEqual(['stopped', 'complete'])
    running.send({ _tag: 'Stop' })
    world.clock.advanceBy(1_000)
    expect(world.tracker.announces()).toHaveLength(2)
  })

  it('waits five seconds at most for a tracker that keeps silent at the end', () => {
    const { world, leech } = worldOf()
    const running = createSession(torrent.metainfo, leech.deps)
    let endedAt = 0
    running.state$.subscribe({ error: rethrow, complete: () => (endedAt = world.clock.now()) })
    world.clock.advanceBy(2_000)
    world.tracker.fail('http://tracker.test/announce', { _tag: 'TrackerTimeout' })
    running.send({ _tag: 'Stop' })
    world.clock.advanceBy(20_000)
    expect(endedAt).toBeGreaterThan(3_000)
    expect(endedAt).toBeLessThanOrEqual(7_000)
    expect(world.clock.pending()).toBe(0)
  })

  it('starts afresh when it is subscribed to again', () => {
    const { world, leech } = worldOf()
    const running = createSession(torrent.metainfo, leech.deps)
    const ids: string[] = []
    for (let run = 0; run < 3; run++) {
      const phases: string[] = []
      const keeping = running.state$.subscribe({ next: ({ phase }) => phases.push(phase), error: rethrow })
      keeping.add(
        running.config$.subscribe({
          next: ({ peerId }) => ids.push(Buffer.from(peerId).toString('hex')),
          error: rethrow,
        }),
      )
      world.clock.advanceBy(1_000)
      expect(phases[0]).toBe('opening')
      expect(phases.at(-1)).toBe('downloading')
      keeping.unsubscribe()
    }
    expect(new Set(ids).size).toBe(3)
  })

  it('leaves nothing behind, whenever it is left', () => {
    for (let step = 0; step < 60; step++) {
      const { world, seed, leech } = worldOf(step + 1)
      const keeping = createSession(torrent.metainfo, seed.deps).state$.subscribe({ error: rethrow })
      const running = createSession(torrent.metainfo, leech.deps)
      keeping.add(running.state$.subscribe({ error: rethrow }))
      // Not on the tick: after so many timers of the world, whichever they are.
      let fired = 0
      world.clock.run(() => fired++ === step * 6, 60_000)
      keeping.unsubscribe()
      world.clock.advanceBy(500)
      expect(world.clock.pending(), `left at ${String(step)}`).toBe(0)
      expect(world.network.openSockets()).toBe(0)
      expect(world.network.openPorts()).toBe(0)
      expect(leech.disk.openStorages()).toBe(0)
      expect(seed.disk.openStorages()).toBe(0)
    }
  })

  it('may be left, or told to stop, from within what it tells', () => {
    for (const leave of ['unsubscribe', 'stop'] as const) {
      for (const tag of ['Config', 'State', 'Notice'] as const) {
        const { world, leech } = worldOf()
        const running = createSession(torrent.metainfo, leech.deps)
        const source$: Observable<unknown> =
          tag === 'Config' ? running.config$ : tag === 'State' ? running.state$ : running.alert$
        const keeping = new Subscription()
        keeping.add(
          source$.subscribe({
            next: () => {
              if (leave === 'unsubscribe') keeping.unsubscribe()
              else running.send({ _tag: 'Stop' })
            },
            error: rethrow,
          }),
        )
        if (keeping.closed) continue
        world.clock.advanceBy(10_000)
        expect(world.clock.pending(), `${leave} from ${tag}`).toBe(
          leave === 'stop' && tag === 'Config' ? world.clock.pending() : 0,
        )
        keeping.unsubscribe()
        expect(world.clock.pending()).toBe(0)
      }
    }
  })
})

describe('a bug in the record of dependencies', () => {
  const boom = (): never => {
    throw new Error('boom')
  }
  const failing = (
    broken: (deps: SessionDeps) => Partial<SessionDeps>,
  ): { errors: string[]; pending: number } => {
    const { world, seed, leech } = worldOf()
    const errors: string[] = []
    const keeping = createSession(torrent.metainfo, seed.deps).state$.subscribe({ error: rethrow })
    const other = createSession(torrent.metainfo, { ...leech.deps, ...broken(leech.deps) })
    keeping.add(
      other.state$.subscribe({ error: (thrown: unknown) => errors.push((thrown as Error).message) }),
    )
    world.clock.advanceBy(20_000)
    keeping.unsubscribe()
    world.clock.advanceBy(500)
    return { errors, pending: world.clock.pending() }
  }

  it.each<[string, (deps: SessionDeps) => Partial<SessionDeps>]>([
    ['a hasher that throws', () => ({ hasher: { sha1: boom } })],
    ['a storage that throws', () => ({ openStorage: boom })],
    ['trackers that throw', () => ({ trackers: { announce: boom } })],
    ['a network that throws', () => ({ network: { connect: boom, listen: boom } })],
    ['a hasher that fails', () => ({ hasher: { sha1: () => throwError(() => new Error('boom')) } })],
  ])('%s is an error on that session, and nowhere else', (_, broken) => {
    const { errors, pending } = failing(broken)
    expect(errors).toHaveLength(1)
    expect(pending).toBe(0)
  })

  it.each<[string, (deps: SessionDeps) => Partial<SessionDeps>]>([
    ['trackers that never answer', () => ({ trackers: { announce: () => NEVER } })],
    ['trackers that answer nothing', () => ({ trackers: { announce: () => EMPTY } })],
    [
      'a storage that cannot be opened',
      () => ({
        openStorage: () =>
          of(
            E.left({
              _tag: 'StorageError',
              kind: 'permission',
              operation: 'open',
              file: '',
              code: 'EACCES',
            } as const),
          ),
      }),
    ],
  ])('%s are no error', (_, broken) => {
    expect(failing(broken).errors).toEqual([])
  })
})

describe('event$ and alert$', () => {
  it('tell in order, each thing once', async () => {
    const { world, seed, leech } = worldOf()
    const keeping = createSession(torrent.metainfo, seed.deps).state$.subscribe({ error: rethrow })
    const running = createSession(torrent.metainfo, leech.deps)
    const notices: Notice[] = []
    const events = firstValueFrom(running.event$.pipe(toArray()))
    keeping.add(running.alert$.subscribe({ next: (notice) => notices.push(notice), error: rethrow }))
    world.clock.advanceBy(20_000)
    running.send({ _tag: 'Stop' })
    world.clock.advanceBy(10_000)
    const told = await events
    expect(told[0]?._tag).toBe('Started')
    expect(told.at(-1)?._tag).toMatch(/Flushed|AnnounceSucceeded/)
    expect(told.map(({ at }) => at)).toEqual(told.map(({ at }) => at).sort((a, b) => a - b))
    const tags = notices.map(({ _tag }) => _tag).filter((tag) => tag !== 'PieceDone')
    expect(tags.slice(0, 2)).toEqual(['CheckDone', 'Listening'])
    expect(tags.filter((tag) => tag === 'Completed')).toHaveLength(1)
    keeping.unsubscribe()
  })
})
