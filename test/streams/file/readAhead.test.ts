import { filter, firstValueFrom, Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { SessionOptions } from '../../../src/streams/sessionOptions.js'
import { makeTorrent, type MadeTorrent } from '../../support/makeTorrent.js'
import { memoryDisk, runSession, type RunningSession } from '../../support/realSession.js'
import { until } from '../../support/until.js'

const MIB = 1024 * 1024
const torrent = makeTorrent({ pieceLength: 65_536, files: [15 * MIB, MIB] })

/** A download from a seed that sends 8 MB/s at most. */
const downloading = async (made: MadeTorrent, options: SessionOptions = {}): Promise<RunningSession> => {
  const slow = { policies: { rate: () => ({ down: Infinity, up: 8_000_000 }) } }
  const port = await runSession(made, memoryDisk(made, made.content), slow).port()
  return runSession(made, memoryDisk(made), { ...options, peers: [{ host: '127.0.0.1', port }] })
}

const bytesOf = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}

describe('reading while a torrent comes', () => {
  it('has what is read before the rest is there', async () => {
    const { session, state } = await downloading(torrent)
    const bytes = await bytesOf(session.file(1).read())
    expect(Buffer.compare(bytes, torrent.content.subarray(15 * MIB))).toBe(0)
    expect(state().progress.haveBytes).toBeLessThan(12 * MIB)
  })

  it('has a file that is not wanted, and fetches no more of it than is read', async () => {
    const { session, state } = await downloading(torrent, { priorities: [0, 4] })
    await firstValueFrom(session.complete$)
    expect(state().progress.isComplete).toBe(false)
    const bytes = await bytesOf(session.file(0).read({ start: 100, end: 2 * MIB }))
    expect(Buffer.compare(bytes, torrent.content.subarray(100, 2 * MIB))).toBe(0)
    expect(state().progress.haveBytes).toBeLessThan(5 * MIB)
  })

  it('holds the download back for a consumer that stops, where nothing else is wanted', async () => {
    const { session, state } = await downloading(torrent, { priorities: [0, 0] })
    const walker = session.file(0).read()[Symbol.asyncIterator]()
    await walker.next()
    await walker.next()
    // The window is there, and nothing is on its way.
    await until(
      () => state().phase === 'seeding' && state().peers.every(({ outstanding }) => outstanding === 0),
    )
    expect(state().progress.haveBytes).toBeGreaterThan(2 * MIB)
    expect(state().progress.haveBytes).toBeLessThan(3 * MIB)
    await walker.return?.()
  })
})

describe('why nothing is moving, by what is told', () => {
  it('is a pause', async () => {
    const { session } = await downloading(torrent)
    session.send({ _tag: 'SetDesired', desired: 'paused' })
    await firstValueFrom(
      session.why$.pipe(filter(([reason]) => reason?._tag === 'Paused' && !reason.isDraining)),
    )
    session.send({ _tag: 'SetDesired', desired: 'running' })
    await firstValueFrom(session.why$.pipe(filter(([reason]) => reason?._tag !== 'Paused')))
  })

  it('is that no file is wanted', async () => {
    const { session } = await downloading(torrent, { priorities: [0, 0] })
    await firstValueFrom(session.why$.pipe(filter(([reason]) => reason?._tag === 'NothingWanted')))
  })

  it('is that nobody has said which files are wanted', async () => {
    const priorities$ = new Subject<ReadonlyArray<number>>()
    const { session } = await downloading(torrent, { priorities: priorities$ })
    await firstValueFrom(session.why$.pipe(filter(([reason]) => reason?._tag === 'WaitingForSelection')))
    priorities$.next([4, 4])
    await firstValueFrom(session.complete$)
  })
})
