import { filter, firstValueFrom, map, Observable, take, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { SessionEvent } from '../../../src/operators/session/event.js'
import type { OpenStorage } from '../../../src/streams/deps.js'
import { createSession } from '../../../src/streams/session.js'
import { layoutOf } from '../../../src/streams/storageLayout.js'
import { createVirtualWorld } from '../../../src/streams/virtual/world.js'
import { makeTorrent, type MadeTorrent } from '../../support/makeTorrent.js'
import { memoryDisk, runSession, type RunningSession } from '../../support/realSession.js'
import { until } from '../../support/until.js'
import { rethrow } from '../../support/rethrow.js'

const MIB = 1024 * 1024
const torrent = makeTorrent({ pieceLength: 65_536, files: [300_000, 0, 2 * MIB, 70_000] })

const seedOf = async (made: MadeTorrent): Promise<{ host: string; port: number }> => ({
  host: '127.0.0.1',
  port: await runSession(made, memoryDisk(made, made.content)).port(),
})

const contentOf = (made: MadeTorrent, index: number): Uint8Array => {
  const { offset, length } = made.metainfo.files[index]!
  return made.content.subarray(offset, offset + length)
}

const bytesOf = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

/** The windows that the session was told of, as a recorder sees them. */
const windowsOf = ({ session }: RunningSession): ReadonlyArray<string> => {
  const told: string[] = []
  session.event$.subscribe({
    next: (event: SessionEvent) => {
      if (event._tag !== 'Command') return
      const { command } = event
      if (command._tag === 'SetWindow' || command._tag === 'ClearWindow') told.push(command._tag)
    },
    error: rethrow,
  })
  return told
}

/** Counts what is read beside and by the session. */
const counted = (openStorage: OpenStorage): { openStorage: OpenStorage; reads: () => number } => {
  let reads = 0
  return {
    openStorage: (layout) =>
      new Observable((subscriber) =>
        openStorage(layout)
          .pipe(
            map(
              E.map((storage) => ({
                ...storage,
                read: (offset: number, length: number) => {
                  reads++
                  return storage.read(offset, length)
                },
              })),
            ),
          )
          .subscribe(subscriber),
      ),
    reads: () => reads,
  }
}

describe('a file read over loopback', () => {
  it('gives every face the same bytes while the torrent comes', async () => {
    const peers = [await seedOf(torrent)]
    const { session } = runSession(torrent, memoryDisk(torrent), { peers })
    const expected = contentOf(torrent, 2)
    const file = session.file(2)
    const chunks = firstValueFrom(file.read().chunk$.pipe(toArray()))
    const [iterated, streamed, response] = await Promise.all([
      bytesOf(file.read()),
      bytesOf(file.read().toReadableStream()),
      new Response(file.read().toReadableStream()).arrayBuffer(),
    ])
    const observed = Buffer.concat(
      (await chunks).map((chunk) => (E.isRight(chunk) ? chunk.right : Buffer.alloc(0))),
    )
    for (const bytes of [iterated, streamed, Buffer.from(response), observed]) {
      expect(Buffer.compare(bytes, expected)).toBe(0)
    }
  })

  it('gives ranges across pieces and to the ends of a file, and nothing of nothing', async () => {
    const peers = [await seedOf(torrent)]
    const { session } = runSession(torrent, memoryDisk(torrent), { peers })
    const expected = contentOf(torrent, 2)
    for (const [start, end] of [
      [0, 1],
      [100, 200_000],
      [65_535, 65_537],
      [expected.length - 1, expected.length],
      [70_000, 70_000],
    ] as const) {
      const bytes = await bytesOf(session.file(2).read({ start, end }))
      expect(Buffer.compare(bytes, expected.subarray(start, end)), `${String(start)} to ${String(end)}`).toBe(
        0,
      )
    }
    expect((await bytesOf(session.file(1).read())).length).toBe(0)
    expect(
      Buffer.compare(await bytesOf(session.file(3).read({ start: 9 })), contentOf(torrent, 3).subarray(9)),
    ).toBe(0)
  })

  it('reads for two at once, each at its place', async () => {
    const peers = [await seedOf(torrent)]
    const { session } = runSession(torrent, memoryDisk(torrent), { peers })
    const [first, second] = await Promise.all([
      bytesOf(session.file(0).read()),
      bytesOf(session.file(2).read()),
    ])
    expect(Buffer.compare(first, contentOf(torrent, 0))).toBe(0)
    expect(Buffer.compare(second, contentOf(torrent, 2))).toBe(0)
  })

  it.each(['unsubscribe', 'break', 'cancel'])('leaves nothing behind after %s', async (how) => {
    const running = runSession(torrent, memoryDisk(torrent), {})
    await running.port()
    const windows = windowsOf(running)
    const read = running.session.file(2).read()
    if (how === 'unsubscribe') {
      const reading = read.chunk$.subscribe({ error: rethrow })
      await until(() => windows.length === 1)
      reading.unsubscribe()
    } else if (how === 'break') {
      const walker = read[Symbol.asyncIterator]()
      const waiting = walker.next()
      await until(() => windows.length === 1)
      await walker.return?.()
      expect(await waiting).toEqual({ done: true, value: undefined })
    } else {
      const reader = read.toReadableStream().getReader()
      const waiting = reader.read()
      await until(() => windows.length === 1)
      await reader.cancel()
      expect((await waiting).done).toBe(true)
    }
    expect(windows).toEqual(['SetWindow', 'ClearWindow'])
  })

  it('ends with a typed error when the session stops', async () => {
    const { session } = runSession(torrent, memoryDisk(torrent))
    await firstValueFrom(session.state$.pipe(filter(({ phase }) => phase === 'downloading')))
    const told = firstValueFrom(session.file(2).read().chunk$.pipe(toArray()))
    const iterated = session.file(2).read()[Symbol.asyncIterator]().next()
    const streamed = session.file(2).read().toReadableStream().getReader().read()
    session.send({ _tag: 'Stop' })
    expect(await told).toEqual([E.left({ _tag: 'SessionStopped' })])
    await expect(iterated).rejects.toMatchObject({
      message: 'the session stopped',
      cause: { _tag: 'SessionStopped' },
    })
    await expect(streamed).rejects.toMatchObject({ cause: { _tag: 'SessionStopped' } })
    expect(await firstValueFrom(session.file(0).read().chunk$)).toEqual(E.left({ _tag: 'SessionStopped' }))
  })

  it.each([
    [{ start: -1 }, { _tag: 'BadRange', start: -1, end: 300_000, length: 300_000 }],
    [
      { start: 5, end: 4 },
      { _tag: 'BadRange', start: 5, end: 4, length: 300_000 },
    ],
    [{ end: 300_001 }, { _tag: 'BadRange', start: 0, end: 300_001, length: 300_000 }],
    [{ start: 0.5 }, { _tag: 'BadRange', start: 0.5, end: 300_000, length: 300_000 }],
    [{ end: NaN }, { _tag: 'BadRange', start: 0, end: NaN, length: 300_000 }],
  ])('refuses the range %j, and touches nothing for it', async (range, error) => {
    const { session } = runSession(torrent, memoryDisk(torrent))
    expect(await firstValueFrom(session.file(0).read(range).chunk$.pipe(toArray()))).toEqual([E.left(error)])
    await expect(bytesOf(session.file(0).read(range))).rejects.toMatchObject({ cause: error })
  })

  it.each([-1, 4, 0.5, NaN])('has no file %d', async (index) => {
    const { session } = runSession(torrent, memoryDisk(torrent))
    expect(await firstValueFrom(session.file(index).read().chunk$)).toEqual(
      E.left({ _tag: 'NoSuchFile', index }),
    )
  })
})

describe('a consumer that takes its time', () => {
  const large = makeTorrent({ pieceLength: MIB, files: 64 * MIB })

  it('is never more than a chunk behind the disk, and costs no memory when it stops', async () => {
    const disk = memoryDisk(large, large.content)
    const { openStorage, reads } = counted(disk.openStorage)
    const { session } = runSession(large, { ...disk, openStorage })
    await firstValueFrom(session.complete$)
    const before = process.memoryUsage().arrayBuffers
    const walker = session.file(0).read()[Symbol.asyncIterator]()
    const reader = session.file(0).read().toReadableStream().getReader()
    for (let taken = 1; taken <= 5; taken++) {
      await walker.next()
      await reader.read()
      expect(reads()).toBe(2 * taken)
    }
    // Time in which a reader that ran ahead would have read everything.
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(reads()).toBe(10)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * MIB)
    await walker.return?.()
    await reader.cancel()
  })

  it('holds nothing back from others', async () => {
    const disk = memoryDisk(large, large.content)
    const { session } = runSession(large, disk)
    const idle = session.file(0).read()[Symbol.asyncIterator]()
    await idle.next()
    let bytes = 0
    await firstValueFrom(session.complete$)
    for await (const chunk of session.file(0).read()) bytes += chunk.length
    expect(bytes).toBe(64 * MIB)
    await idle.return?.()
  })
})

describe('a file read in virtual time', () => {
  const layout = layoutOf(torrent.metainfo)

  it('starts a session that nobody started, and ends it', () => {
    const world = createVirtualWorld({ seed: 1 })
    const host = world.host('10.0.0.1')
    host.disk.preload(layout, torrent.content)
    const session = createSession(torrent.metainfo, host.deps)
    let bytes = 0
    session
      .file(0)
      .read()
      .chunk$.subscribe({
        next: (chunk) => (bytes += E.isRight(chunk) ? chunk.right.length : 0),
        error: rethrow,
      })
    world.clock.run(() => host.disk.openStorages() === 1, 1_000)
    expect(host.disk.openStorages()).toBe(1)
    world.clock.advanceBy(10_000)
    expect(bytes).toBe(300_000)
    expect(host.disk.openStorages()).toBe(0)
    expect(world.clock.pending()).toBe(0)
  })

  it('comes from others where its file is gone from the disk', () => {
    const tracked = makeTorrent({
      pieceLength: 65_536,
      files: [100_000, 2 * MIB],
      trackers: ['http://tracker.test/announce'],
    })
    const world = createVirtualWorld({ seed: 1 })
    const hosts = ['10.0.0.1', '10.0.0.2'].map((address) => world.host(address))
    const [source, loser] = hosts.map(({ disk, deps }) => {
      disk.preload(layoutOf(tracked.metainfo), tracked.content)
      return createSession(tracked.metainfo, deps)
    })
    const running = source!.state$.subscribe({ error: rethrow })
    running.add(loser!.state$.subscribe({ error: rethrow }))
    const gone: number[] = []
    running.add(
      loser!.alert$.subscribe({
        next: (notice) => {
          if (notice._tag === 'PiecesGone') gone.push(...notice.pieces)
        },
        error: rethrow,
      }),
    )
    world.clock.advanceBy(10_000)
    hosts[1]!.disk.remove(tracked.metainfo.files[1]!.path.join('/'))
    const chunks: Uint8Array[] = []
    let isOver = false
    loser!
      .file(1)
      .read()
      .chunk$.subscribe({
        next: (chunk) => chunks.push(E.isRight(chunk) ? chunk.right : new Uint8Array()),
        error: rethrow,
        complete: () => (isOver = true),
      })
    world.clock.run(() => isOver, 600_000)
    expect(Buffer.compare(Buffer.concat(chunks), contentOf(tracked, 1))).toBe(0)
    expect(gone).toHaveLength(33)
    world.clock.advanceBy(5_000)
    expect(loser!.state()?.phase).toBe('seeding')
    running.unsubscribe()
  })

  it('ends with a typed error when the storage fails before its bytes came', () => {
    const tracked = makeTorrent({
      pieceLength: 65_536,
      files: 2 * MIB,
      trackers: ['http://tracker.test/announce'],
    })
    const world = createVirtualWorld({ seed: 1 })
    const source = world.host('10.0.0.1')
    source.disk.preload(layoutOf(tracked.metainfo), tracked.content)
    const leech = world.host('10.0.0.2', { disk: { capacity: 500_000 } })
    const seeding = createSession(tracked.metainfo, source.deps).state$.subscribe({ error: rethrow })
    const session = createSession(tracked.metainfo, leech.deps)
    const errors: unknown[] = []
    let isOver = false
    session
      .file(0)
      .read()
      .chunk$.subscribe({
        next: (chunk) => {
          if (E.isLeft(chunk)) errors.push(chunk.left)
        },
        error: rethrow,
        complete: () => (isOver = true),
      })
    world.clock.advanceBy(60_000)
    expect(errors).toMatchObject([{ _tag: 'StorageFailed', error: { kind: 'disk-full' } }])
    expect(isOver).toBe(true)
    expect(leech.disk.openStorages()).toBe(0)
    seeding.unsubscribe()
  })
})

describe('SessionOptions.signal', () => {
  it('stops the session in good order when it aborts', async () => {
    const controller = new AbortController()
    const { session } = runSession(torrent, memoryDisk(torrent), { signal: controller.signal })
    const phases = firstValueFrom(session.phase$.pipe(toArray()))
    await firstValueFrom(session.phase$.pipe(filter((phase) => phase === 'downloading')))
    controller.abort()
    expect((await phases).slice(-2)).toEqual(['stopping', 'stopped'])
  })

  it('stops one that begins after the abort at once', async () => {
    const { session } = runSession(torrent, memoryDisk(torrent), { signal: AbortSignal.abort() })
    expect(await firstValueFrom(session.phase$.pipe(take(9), toArray()))).toEqual(['stopped'])
  })
})
