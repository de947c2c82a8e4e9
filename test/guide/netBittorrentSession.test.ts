import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { filter, firstValueFrom, lastValueFrom, map, take, toArray } from 'rxjs'
import { afterEach, describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { decodeCompactPeers, encodeCompactPeers } from '../../src/codecs/index.js'
import {
  client,
  decodeMetainfo,
  pieceStatus,
  session,
  type Session,
  type SessionState,
  show,
} from '../../src/index.js'
import { bencode } from '../support/bencode.js'
import { openFilesBelow } from '../support/openFilesBelow.js'
import { makeTorrent, writeFiles } from '../support/makeTorrent.js'
import { tempDir } from '../support/tempDir.js'
import { until } from '../support/until.js'

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
  const text = readFileSync(new URL('../../docs/from-net-bittorrent-session.md', import.meta.url), 'utf8')
  const methods = Array.from(
    text.matchAll(/^\| (\d+) +\| `(\w+)` +\| `.+` +\|$/gm),
    ([, number, name]) => [Number(number), name] as const,
  )

  it('has all 27 methods, in order', () => {
    expect(methods.map(([number]) => number)).toEqual(Array.from({ length: 27 }, (_, number) => number))
  })

  it('has notes that go by the numbers and names of the methods', () => {
    const notes = text.slice(text.indexOf('## Notes'))
    // A list that is numbered is numbered anew by whoever formats it.
    expect(notes).not.toMatch(/^\d+\. /m)
    const noted = Array.from(
      notes.matchAll(/^- \*\*(\d+)\. `(\w+)`\*\* /gm),
      ([, number, name]) => [Number(number), name] as const,
    )
    expect(noted).toHaveLength(notes.match(/^- /gm)?.length ?? 0)
    expect(noted).toEqual(methods.filter(([number]) => noted.some(([other]) => other === number)))
  })

  it('0 new', async () => {
    const directory = join(await tempDir(), 'made')
    const torrent = session(made.metainfo, { directory, blockLength: 8_192 })
    expect(torrent.state()).toBeUndefined()
    keep(torrent)
    expect(torrent.state()?.blockLength).toBe(8_192)
    await until(() => stateOf(torrent).phase === 'downloading')
    expect(E.isLeft(decodeMetainfo(Buffer.from('no torrent')))).toBe(true)
  })

  it('1 add_tracker', async () => {
    const torrent = await seeding()
    const urls = ['http://127.0.0.1:9/a/announce', 'http://127.0.0.1:9/b/announce']
    torrent.send({ _tag: 'AddTrackers', urls })
    await until(() => stateOf(torrent).trackers.length === 3)
    const added = stateOf(torrent).trackers.filter(({ tier }) => tier === 1)
    expect(added.map(({ url }) => url).sort()).toEqual(urls)
  })

  it('2 get_base_dir', async () => {
    const directory = await tempDir()
    const torrent = keep(session(made.metainfo, { directory }))
    await until(() => stateOf(torrent).phase === 'downloading')
    expect(torrent.state()?.directory).toBe(directory)
  })

  it('3 get_path', async () => {
    const path = join(await tempDir(), 'photos.torrent')
    await writeFile(path, made.bytes)
    const decoded = decodeMetainfo(await readFile(path))
    if (E.isLeft(decoded)) throw new Error(decoded.left._tag)
    const torrent = keep(session(decoded.right, { directory: await tempDir() }))
    expect(torrent.metainfo).toBe(decoded.right)
  })

  it('4 append_nodes', async () => {
    const seeder = await seeding()
    const { port } = stateOf(seeder)
    if (O.isNone(port)) throw new Error('the seeder does not listen')
    const torrent = keep(session(made.metainfo, { directory: await tempDir() }))
    expect(torrent.addPeers(Uint8Array.of(127, 0, 0, 1, port.value >> 8, port.value & 255))).toEqual(
      E.right(1),
    )
    await firstValueFrom(torrent.complete$)
    expect(E.isLeft(torrent.addPeers(Uint8Array.of(1, 2, 3)))).toBe(true)
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

  it('8 set_block_size', async () => {
    const { torrent } = await downloading()
    torrent.send({ _tag: 'SetBlockLength', blockLength: 4_096 })
    await until(() => stateOf(torrent).blockLength === 4_096)
    await firstValueFrom(torrent.complete$)
    const refused = firstValueFrom(torrent.alert$.pipe(filter(({ _tag }) => _tag === 'CommandRefused')))
    torrent.send({ _tag: 'SetBlockLength', blockLength: 32_768 })
    await refused
    expect(stateOf(torrent).blockLength).toBe(4_096)
  })

  it('9 get_client', async () => {
    const torrents = client({ directory: await tempDir() })
    const added = await lastValueFrom(torrents.add(made.bytes))
    if (E.isLeft(added)) throw new Error(added.left._tag)
    expect(torrents.get(added.right.infohash)).toBe(added.right.session)
    await lastValueFrom(torrents.stop(), { defaultValue: undefined })
  })

  it('10 close_files', async () => {
    const { torrent, directory } = await complete()
    const open = (): number => openFilesBelow(join(directory, 'photos')).length
    await until(() => open() > 0 || process.platform !== 'linux')
    torrent.releaseHandles()
    await until(() => open() === 0)
  })

  it('11 get_compact_nodes', async () => {
    const peers = [
      { host: '127.0.0.1', port: 9 },
      { host: '127.0.0.2', port: 7_000 },
    ]
    const torrent = keep(session(made.metainfo, { directory: await tempDir(), peers }))
    await until(() => stateOf(torrent).candidates.length === 2)
    const compact = encodeCompactPeers(stateOf(torrent).candidates, 4)
    expect(decodeCompactPeers(compact, 4, 9, 'peers')).toEqual(E.right(peers))
  })

  it('12 get_complete', async () => {
    const { torrent, directory } = await downloading()
    expect(torrent.state()?.progress.isComplete).toBe(false)
    await firstValueFrom(torrent.complete$)
    expect(torrent.state()?.progress).toMatchObject({ isDone: true, isComplete: true })
    const [first] = made.metainfo.files
    const bytes = await readFile(join(directory, ...first!.path))
    expect(Buffer.compare(bytes, made.content.subarray(0, first!.length))).toBe(0)
  })

  it('13 get_downloaded', async () => {
    const { torrent } = await complete()
    expect(torrent.state()?.totals.downloaded).toBe(170_005)
  })

  it('14 get_files', async () => {
    const { torrent } = await complete()
    const files = await firstValueFrom(torrent.files$)
    expect(files).toMatchObject([
      { path: ['photos', '0.bin'], length: 100_000, haveBytes: 100_000, isDone: true },
      { path: ['photos', '1.bin'], length: 5, haveBytes: 5, isDone: true },
      { path: ['photos', '2.bin'], length: 70_000, haveBytes: 70_000, isDone: true },
    ])
    const parts: Uint8Array[] = []
    for await (const chunk of torrent.file(2).read()) parts.push(chunk)
    expect(Buffer.compare(Buffer.concat(parts), made.content.subarray(100_005))).toBe(0)
  })

  it('15 hash_check', async () => {
    const { torrent, directory } = await complete()
    const spoilt = join(directory, ...made.metainfo.files[0]!.path)
    const bytes = await readFile(spoilt)
    bytes[40_000]! ^= 1
    await writeFile(spoilt, bytes)
    const steps = await firstValueFrom(torrent.hashCheck().pipe(toArray()))
    expect(steps.at(-1)).toMatchObject({ pieceCount: 6, checkedPieces: 6, havePieces: 5, isDone: true })
    await until(() => stateOf(torrent).progress.isComplete)
    expect(Buffer.compare(await readFile(spoilt), made.content.subarray(0, 100_000))).toBe(0)
  })

  it('16 get_infohash', async () => {
    const torrent = await seeding()
    const expected = createHash('sha1').update(made.metainfo.info).digest()
    expect(Buffer.from(O.toUndefined(torrent.metainfo.infohash.v1)!).equals(expected)).toBe(true)
  })

  it('17 get_name', async () => {
    expect((await seeding()).metainfo.name).toBe('photos')
  })

  it('18 get_nodes', async () => {
    const peers = [{ host: '127.0.0.1', port: 9 }]
    const torrent = keep(session(made.metainfo, { directory: await tempDir(), peers }))
    const candidates = await firstValueFrom(torrent.candidates$.pipe(filter((some) => some.length > 0)))
    expect(candidates).toMatchObject([{ host: '127.0.0.1', port: 9, source: 'manual' }])
    await firstValueFrom(
      torrent.candidates$.pipe(
        map(([first]) => first?.failures ?? 0),
        filter((failures) => failures > 0),
      ),
    )
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
