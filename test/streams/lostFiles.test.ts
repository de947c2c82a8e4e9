import { open, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs'
import * as O from '#fp/Option'
import { afterEach, describe, expect, it } from 'vitest'
import type { Notice } from '../../src/operators/session/notice.js'
import { session } from '../../src/streams/node/nodeSession.js'
import type { Session } from '../../src/streams/session.js'
import type { SessionOptions } from '../../src/streams/sessionOptions.js'
import { makeTorrent, writeFiles } from '../support/makeTorrent.js'
import { tempDir } from '../support/tempDir.js'
import { until } from '../support/until.js'
import { rethrow } from '../support/rethrow.js'

const torrent = makeTorrent({ pieceLength: 32_768, files: [200_000, 300_000, 500_000] })
const ends: (() => void)[] = []

afterEach(() => {
  for (const end of ends.splice(0)) end()
})

interface Running {
  readonly session: Session
  readonly directory: string
  readonly notices: ReadonlyArray<Notice>
  readonly port: () => number
  readonly path: (file: number) => string
  readonly isSeeding: () => boolean
}

/** A session on real files, all of them there. */
const seeding = async (options: SessionOptions = {}): Promise<Running> => {
  const directory = await tempDir()
  await writeFiles(torrent, directory)
  const running = session(torrent.metainfo, { ...options, directory })
  const notices: Notice[] = []
  const keeping = running.state$.subscribe({ error: rethrow })
  keeping.add(running.alert$.subscribe({ next: (notice) => notices.push(notice), error: rethrow }))
  ends.push(() => keeping.unsubscribe())
  const isSeeding = (): boolean => running.state()?.phase === 'seeding'
  await until(() => isSeeding() && O.isSome(running.state()!.port))
  return {
    session: running,
    directory,
    notices,
    port: () => O.getOrElse(() => 0)(running.state()!.port),
    path: (file) => join(directory, ...torrent.metainfo.files[file]!.path),
    isSeeding,
  }
}

const isWhole = async (running: Running, file: number): Promise<boolean> => {
  const { offset, length } = torrent.metainfo.files[file]!
  const bytes = await readFile(running.path(file))
  return Buffer.compare(bytes, torrent.content.subarray(offset, offset + length)) === 0
}

describe('a file that is deleted while it is seeded', () => {
  it('is fetched again from others, and who asked gets it in the end', async () => {
    const source = await seeding()
    const loser = await seeding()
    await rm(loser.path(1))
    const leech = session(torrent.metainfo, {
      directory: await tempDir(),
      peers: [{ host: '127.0.0.1', port: loser.port() }],
    })
    const done = firstValueFrom(leech.complete$)
    await until(() => loser.notices.some(({ _tag }) => _tag === 'PiecesGone'))
    loser.session.send({ _tag: 'AddPeers', peers: [{ host: '127.0.0.1', port: source.port() }] })
    expect((await done).isComplete).toBe(true)
    await until(loser.isSeeding)
    expect(await isWhole(loser, 1)).toBe(true)
    expect(loser.notices.filter(({ _tag }) => _tag === 'StorageFailed')).toEqual([])
  })
})

describe('hashCheck', () => {
  it('finds what was changed, by its bytes and not by its size, and has it fetched again', async () => {
    const source = await seeding()
    const changed = await seeding({ peers: [{ host: '127.0.0.1', port: source.port() }] })
    const file = await open(changed.path(2), 'r+')
    await file.write(Buffer.from('another world'), 0, undefined, 123_456)
    await file.close()
    const steps = await lastValueFrom(changed.session.hashCheck().pipe(toArray()))
    const { pieceCount } = torrent.metainfo
    expect(steps.at(-1)).toEqual({
      pieceCount,
      checkedPieces: pieceCount,
      havePieces: pieceCount - 1,
      isDone: true,
    })
    await until(changed.isSeeding)
    expect(await isWhole(changed, 2)).toBe(true)
  })

  it('finds what was put back', async () => {
    const running = await seeding()
    await rm(running.path(2))
    await lastValueFrom(running.session.hashCheck())
    await until(() => running.session.state()!.phase === 'downloading')
    const { offset, length } = torrent.metainfo.files[2]!
    await writeFile(running.path(2), torrent.content.subarray(offset, offset + length))
    await lastValueFrom(running.session.hashCheck())
    await until(running.isSeeding)
  })
})
