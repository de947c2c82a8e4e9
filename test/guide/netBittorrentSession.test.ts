import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { filter, firstValueFrom, take } from 'rxjs'
import { afterEach, describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import {
  decodeMetainfo,
  pieceStatus,
  session,
  type Session,
  type SessionState,
  show,
} from '../../src/index.js'
import { bencode } from '../support/bencode.js'
import { makeTorrent, writeFiles } from '../support/makeTorrent.js'
import { tempDir } from '../support/tempDir.js'
import { until } from '../support/until.js'
import '../support/strayErrors.js'

/*
 * One test for each line of docs/from-net-bittorrent-session.md, on sessions over real sockets and files.
 */

const made = makeTorrent({
  name: 'photos',
  pieceLength: 32_768,
  files: [100_000, 5, 70_000],
  trackers: ['http://127.0.0.1:9/announce'],
})

const running: { unsubscribe: () => void }[] = []
afterEach(() => {
  for (const subscription of running.splice(0)) subscription.unsubscribe()
})

const keep = (torrent: Session): Session => {
  running.push(
    torrent.state$.subscribe({
      error: (thrown: unknown) => {
        throw thrown
      },
    }),
  )
  return torrent
}

const stateOf = (torrent: Session): SessionState => {
  const state = torrent.state()
  if (state === undefined) throw new Error('it does not run')
  return state
}

/** One that has the data. */
const seeding = async (): Promise<Session> => {
  const directory = await tempDir()
  await writeFiles(made, directory)
  const torrent = keep(session(made.metainfo, { directory }))
  await until(() => O.isSome(stateOf(torrent).port))
  return torrent
}

/** One that has nothing, and a seeder that it knows of. */
const downloading = async (): Promise<{ torrent: Session; seeder: Session; directory: string }> => {
  const seeder = await seeding()
  const { port } = stateOf(seeder)
  if (O.isNone(port)) throw new Error('the seeder does not listen')
  const directory = await tempDir()
  const torrent = keep(
    session(made.metainfo, { directory, peers: [{ host: '127.0.0.1', port: port.value }] }),
  )
  return { torrent, seeder, directory }
}

const complete = async (): Promise<Awaited<ReturnType<typeof downloading>>> => {
  const pair = await downloading()
  await firstValueFrom(pair.torrent.complete$)
  return pair
}

describe('docs/from-net-bittorrent-session.md', () => {
  it('has all 27 methods, in order', () => {
    const text = readFileSync(new URL('../../docs/from-net-bittorrent-session.md', import.meta.url), 'utf8')
    const numbers = Array.from(text.matchAll(/^\| (\d+) +\| `\w+` +\| `.+` +\|$/gm), ([, number]) =>
      Number(number),
    )
    expect(numbers).toEqual(Array.from({ length: 27 }, (_, number) => number))
  })

  it('0 new', async () => {
    const directory = join(await tempDir(), 'made')
    const torrent = session(made.metainfo, { directory })
    expect(torrent.state()).toBeUndefined()
    keep(torrent)
    await until(() => stateOf(torrent).phase === 'downloading')
    expect(E.isLeft(decodeMetainfo(Buffer.from('no torrent')))).toBe(true)
  })

  it('3 get_path', async () => {
    const path = join(await tempDir(), 'photos.torrent')
    await writeFile(path, made.bytes)
    const decoded = decodeMetainfo(await readFile(path))
    if (E.isLeft(decoded)) throw new Error(decoded.left._tag)
    const torrent = keep(session(decoded.right, { directory: await tempDir() }))
    expect(torrent.metainfo).toBe(decoded.right)
  })

  it('5 as_string', async () => {
    const { torrent } = await complete()
    const state = stateOf(torrent)
    expect(show(state)).toContain('170005 of 170005 bytes, 100.0 %, complete')
    expect(show(state, { verbose: true })).toContain('bitfield    fc')
  })

  it('6 get_bitfield', async () => {
    const { torrent } = await complete()
    expect(torrent.state()?.bitfield).toEqual({ pieceCount: 6, bytes: Uint8Array.of(0b1111_1100) })
  })

  it('7 get_block_size', async () => {
    const torrent = keep(session(made.metainfo, { directory: await tempDir() }))
    expect(torrent.state()?.blockLength).toBe(16_384)
  })

  it('12 get_complete', async () => {
    const { torrent, directory } = await downloading()
    expect(torrent.state()?.progress.isComplete).toBe(false)
    await firstValueFrom(torrent.complete$)
    expect(torrent.state()?.progress.isComplete).toBe(true)
    const [first] = made.metainfo.files
    const bytes = await readFile(join(directory, ...first!.path))
    expect(Buffer.compare(bytes, made.content.subarray(0, first!.length))).toBe(0)
  })

  it('13 get_downloaded', async () => {
    const { torrent } = await complete()
    expect(torrent.state()?.totals.downloaded).toBe(170_005)
  })

  it('16 get_infohash', async () => {
    const torrent = await seeding()
    const expected = createHash('sha1').update(made.metainfo.info).digest()
    expect(Buffer.from(O.toUndefined(torrent.metainfo.infohash.v1)!).equals(expected)).toBe(true)
  })

  it('17 get_name', async () => {
    expect((await seeding()).metainfo.name).toBe('photos')
  })

  it('19 get_peers', async () => {
    const { torrent } = await downloading()
    const peers = await firstValueFrom(torrent.peers$.pipe(filter((some) => some.length > 0)))
    expect(peers).toMatchObject([{ host: '127.0.0.1', direction: 'outgoing' }])
  })

  it('20 get_piece_count', async () => {
    expect((await seeding()).metainfo.pieceCount).toBe(6)
  })

  it('21 get_piece_size', async () => {
    expect((await seeding()).metainfo.pieceLength).toBe(32_768)
  })

  it('22 get_pieces', async () => {
    const { torrent } = await complete()
    expect(torrent.state()?.pieces.status).toEqual(new Uint8Array(6).fill(pieceStatus.have))
  })

  it('23 get_private', async () => {
    expect((await seeding()).metainfo.isPrivate).toBe(false)
    const info = { length: 1, name: 'a', 'piece length': 16_384, pieces: Buffer.alloc(20), private: 1 }
    const decoded = decodeMetainfo(bencode({ info }))
    if (E.isLeft(decoded)) throw new Error(decoded.left._tag)
    expect(keep(session(decoded.right, { directory: await tempDir() })).metainfo.isPrivate).toBe(true)
  })

  it('24 get_total_size', async () => {
    expect((await seeding()).metainfo.totalSize).toBe(170_005)
  })

  it('25 get_trackers', async () => {
    const torrent = await seeding()
    await firstValueFrom(
      torrent.trackers$.pipe(
        filter(([tracker]) => tracker?.status === 'failed'),
        take(1),
      ),
    )
    expect(torrent.state()?.trackers).toMatchObject([
      { tier: 0, url: 'http://127.0.0.1:9/announce', status: 'failed', nextAnnounceAt: { _tag: 'Some' } },
    ])
  })

  it('26 get_uploaded', async () => {
    const { seeder } = await complete()
    await until(() => stateOf(seeder).totals.uploaded === 170_005)
  })
})
