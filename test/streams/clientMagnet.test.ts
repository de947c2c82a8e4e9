import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { firstValueFrom, of } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import { toHex } from '../../src/codecs/bytes.js'
import { encodeMagnet, magnetOf } from '../../src/codecs/magnet.js'
import type { PeerSource } from '../../src/operators/peer/source.js'
import type { Added } from '../../src/streams/client.js'
import type { AddError } from '../../src/streams/client/addTorrent.js'
import { makeTorrent } from '../support/makeTorrent.js'
import { makeV2Torrent } from '../support/makeV2Torrent.js'
import { memoryDisk, type RunningSession, runSession } from '../support/realSession.js'
import { ended, runClient } from '../support/runClient.js'
import { tempDir } from '../support/tempDir.js'
import { until } from '../support/until.js'

const torrent = makeTorrent({ pieceLength: 16_384, files: [100_000, 50_000] })
const { metainfo } = torrent
const hash = O.match(() => '', toHex)(metainfo.infohash.v1)
const link = encodeMagnet(magnetOf(metainfo))

const seeding = (): RunningSession => runSession(torrent, memoryDisk(torrent, torrent.content))
const peersOf = async (seed: RunningSession) => [{ host: '127.0.0.1', port: await seed.port() }]

describe('a client that adds a magnet link', () => {
  it('fetches the metadata, then downloads; the next client need not ask', async () => {
    const seed = seeding()
    const directory = await tempDir()
    const { client, add, port } = runClient({ directory })
    const { session, isNew, infohash } = await add(link, { peers: await peersOf(seed) })
    expect({ isNew, infohash }).toEqual({ isNew: true, infohash: hash })
    await firstValueFrom(session.complete$)
    const content = Buffer.concat(
      await Promise.all(metainfo.files.map(({ path }) => readFile(join(directory, ...path)))),
    )
    expect(Buffer.compare(content, torrent.content)).toBe(0)
    expect(client.state().fetching.size).toBe(0)
    expect(session.state()?.port).toEqual(O.some(await port()))
    await ended(client)

    const later = runClient({ directory })
    const again = await later.add(link)
    await firstValueFrom(again.session.complete$)
    expect(await firstValueFrom(again.session.removeData())).toEqual(E.right(undefined))
    expect(existsSync(join(directory, '.rxtorrent'))).toBe(false)
  })

  it('follows one to a torrent of v2 alone, by the first bytes of its hash', async () => {
    const v2 = makeV2Torrent({ pieceLength: 16_384, files: [100_000, 5, 50_000] })
    const seed = runSession(v2, memoryDisk(v2, v2.content))
    const directory = await tempDir()
    const { add } = runClient({ directory })
    const { session, infohash } = await add(encodeMagnet(magnetOf(v2.metainfo)), {
      peers: await peersOf(seed),
    })
    expect(infohash).toBe(O.match(() => '', toHex)(v2.metainfo.infohash.v2).slice(0, 40))
    await firstValueFrom(session.complete$)
    const last = await readFile(join(directory, 'data', '2.bin'))
    expect(Buffer.compare(last, v2.content.subarray(-50_000))).toBe(0)
    const again = await add(v2.bytes)
    expect(again).toMatchObject({ isNew: false, infohash })
  })

  it('follows one with a v2 hash alone to a hybrid, which goes by its v1 hash from then on', async () => {
    const hybrid = makeV2Torrent({ pieceLength: 16_384, files: [100_000, 50_000], isHybrid: true })
    const seed = runSession(hybrid, memoryDisk(hybrid, hybrid.content))
    const { client, add } = runClient({ directory: await tempDir() })
    const { v1, v2 } = hybrid.metainfo.infohash
    const byV2 = encodeMagnet({ ...magnetOf(hybrid.metainfo), infohash: { v1: O.none, v2 } })
    const { session, infohash } = await add(byV2, { peers: await peersOf(seed) })
    expect(infohash).toBe(O.match(() => '', toHex)(v1))
    await firstValueFrom(session.complete$)
    expect(client.state().fetching.size).toBe(0)
    expect(await add(hybrid.bytes)).toMatchObject({ isNew: false, session, infohash })
  })

  it('takes the files that the link selects', async () => {
    const directory = await tempDir()
    const { add } = runClient({ directory })
    const { session } = await add(`${link}&so=1`, { peers: await peersOf(seeding()) })
    await firstValueFrom(session.complete$)
    expect(session.state()?.files.map(({ priority }) => priority)).toEqual([0, 4])
  })

  it('looks for the peers of a link where it looks for those of its sessions', async () => {
    const peers = await peersOf(seeding())
    const sources: ReadonlyArray<PeerSource> = [{ name: 'other', isPublic: true, find: () => of(peers) }]
    const { add } = runClient({ directory: await tempDir(), sources })
    const { session } = await add(link)
    await firstValueFrom(session.complete$)
    expect(session.state()?.progress.isComplete).toBe(true)
  })

  it('shows what it follows, once for all who ask, and gives it up when it is removed', async () => {
    const { client } = runClient({ directory: await tempDir() })
    const answers: Either<AddError, Added>[] = []
    for (let i = 0; i < 2; i++) client.add(link).subscribe((answer) => answers.push(answer))
    await until(() => client.state().fetching.get(hash)?.why.length === 1)
    const { sessions, fetching } = await firstValueFrom(client.state$)
    expect(sessions.size).toBe(0)
    expect([...fetching.values()]).toEqual([
      {
        infohash: hash,
        name: O.some('data'),
        size: O.none,
        haveBytes: 0,
        peers: 0,
        why: [{ _tag: 'NobodyToAsk' }],
      },
    ])
    expect(answers).toEqual([])
    expect(await firstValueFrom(client.remove(hash))).toEqual(E.right(undefined))
    expect(answers).toEqual([E.left({ _tag: 'AddCancelled' }), E.left({ _tag: 'AddCancelled' })])
    expect(client.state().fetching.size).toBe(0)
    expect(await firstValueFrom(client.remove(hash))).toEqual(E.left({ _tag: 'TorrentUnknown' }))
  })

  it('goes on though nobody waits for the answer, and answers all who do', async () => {
    const seed = seeding()
    const { client, add } = runClient({ directory: await tempDir() })
    client
      .add(link, { peers: await peersOf(seed) })
      .subscribe()
      .unsubscribe()
    const { isNew, session } = await add(link)
    expect(isNew).toBe(false)
    expect(client.get(hash)).toBe(session)
    expect((await add(link)).isNew).toBe(false)
  })

  it('takes the torrent in place of the link when it is added', async () => {
    const { client, add } = runClient({ directory: await tempDir() })
    const answers: Either<AddError, Added>[] = []
    client.add(link).subscribe((answer) => answers.push(answer))
    expect((await add(metainfo)).isNew).toBe(true)
    expect(answers).toMatchObject([E.right({ isNew: false, infohash: hash })])
    expect(client.state().fetching.size).toBe(0)
  })

  it('ends with its client, and with its signal', async () => {
    const { client } = runClient({ directory: await tempDir() })
    const answers: Either<AddError, Added>[] = []
    const abort = new AbortController()
    client.add(link, { signal: abort.signal }).subscribe((answer) => answers.push(answer))
    abort.abort()
    client.add(link).subscribe((answer) => answers.push(answer))
    await ended(client)
    expect(answers).toEqual([E.left({ _tag: 'AddCancelled' }), E.left({ _tag: 'ClientClosed' })])
    expect(await firstValueFrom(client.add(link))).toEqual(E.left({ _tag: 'ClientClosed' }))
  })

  it('refuses what is no link', async () => {
    const { client } = runClient({ directory: await tempDir() })
    expect(await firstValueFrom(client.add('magnet:?dn=x'))).toMatchObject(E.left({ _tag: 'MagnetInvalid' }))
  })

  it('does not fall for another torrent in place of the one it kept', async () => {
    const directory = await tempDir()
    const first = runClient({ directory })
    await first.add(link, { peers: await peersOf(seeding()) })
    const kept = join(directory, '.rxtorrent', `${hash}.torrent`)
    await until(() => existsSync(kept))
    await ended(first.client)
    await writeFile(kept, makeTorrent({ pieceLength: 16_384, files: 5 }).bytes)
    const { client } = runClient({ directory })
    client.add(link).subscribe()
    await until(() => client.state().fetching.size === 1)
    expect(client.state().sessions.size).toBe(0)
  })
})
