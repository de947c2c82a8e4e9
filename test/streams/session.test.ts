import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { filter, firstValueFrom, map } from 'rxjs'
import * as O from '#fp/Option'
import { describe, expect, it } from 'vitest'
import type { Session } from '../../src/streams/session.js'
import { session } from '../../src/streams/node/nodeSession.js'
import { makeTorrent, type MadeTorrent, writeFiles } from '../support/makeTorrent.js'
import { tempDir } from '../support/tempDir.js'

const portOf = (running: Session): Promise<number> =>
  firstValueFrom(
    running.state$.pipe(
      map(({ port }) => O.toUndefined(port)),
      filter((port) => port !== undefined),
    ),
  )

const seeder = async (torrent: MadeTorrent): Promise<{ running: Session; port: number; stop: () => void }> => {
  const directory = await tempDir()
  await writeFiles(torrent, directory)
  const running = session(torrent.metainfo, { directory })
  const keeping = running.state$.subscribe({ error: (thrown: unknown) => { throw thrown } })
  return { running, port: await portOf(running), stop: () => { keeping.unsubscribe() } }
}

const expectFiles = async (torrent: MadeTorrent, directory: string): Promise<void> => {
  for (const { path, offset, length } of torrent.metainfo.files) {
    const bytes = await readFile(join(directory, ...path))
    expect(Buffer.compare(bytes, torrent.content.subarray(offset, offset + length)), path.join('/')).toBe(0)
  }
}

describe('session', () => {
  it('downloads from a session that seeds', async () => {
    const torrent = makeTorrent({ pieceLength: 32_768, files: [100_000, 0, 5, 70_000, 333_333] })
    const { port, stop } = await seeder(torrent)
    const directory = await tempDir()
    const leech = session(torrent.metainfo, { directory, peers: [{ host: '127.0.0.1', port }] })
    const done = await firstValueFrom(leech.complete$)
    expect(done.isComplete).toBe(true)
    await expectFiles(torrent, directory)
    stop()
  })
})
