import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EMPTY, firstValueFrom, lastValueFrom, of } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { ClientAlert } from '../../src/streams/client.js'
import { nodeDeps } from '../../src/streams/node/nodeDeps.js'
import { createClient } from '../../src/streams/client.js'
import { attack, handshakeOf } from '../support/attacker.js'
import { makeTorrent, type MadeTorrent, writeFiles } from '../support/makeTorrent.js'
import { memoryDisk, runSession } from '../support/realSession.js'
import { ended, runClient } from '../support/runClient.js'
import { storageFault } from '../support/sessionFixture.js'
import { tempDir } from '../support/tempDir.js'
import { until } from '../support/until.js'

const small = (seed: number): MadeTorrent =>
  makeTorrent({ name: `torrent-${String(seed)}`, pieceLength: 16_384, files: 100_000, seed })
const hexOf = ({ metainfo }: MadeTorrent): string =>
  metainfo.infohash.v1._tag === 'Some' ? Buffer.from(metainfo.infohash.v1.value).toString('hex') : ''

/** Servers and connections that are open. */
const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length

describe('a client on this machine', () => {
  it('serves each torrent of its own to who comes through the one port', async () => {
    const torrents = [small(1), small(2)]
    const directory = await tempDir()
    for (const torrent of torrents) await writeFiles(torrent, directory)
    const { add, port, client } = runClient({ directory })
    for (const { metainfo } of torrents) await add(metainfo)
    const address = { host: '127.0.0.1', port: await port() }
    for (const torrent of torrents) {
      const disk = memoryDisk(torrent)
      const leech = runSession(torrent, disk, { peers: [address] })
      await firstValueFrom(leech.session.complete$)
      expect(disk.read()).toEqual(torrent.content)
    }
    expect([...client.state().sessions.keys()]).toEqual(torrents.map(hexOf))
    await until(() => client.state().totals.uploaded === 200_000)
    expect(await firstValueFrom(client.totals$)).toMatchObject({ sessions: 2, uploaded: 200_000 })
  })

  it('downloads several torrents at once, and tells every session the shared port', async () => {
    const torrents = [small(1), small(2)]
    const seeds = torrents.map((torrent) => runSession(torrent, memoryDisk(torrent, torrent.content)))
    const directory = await tempDir()
    const { add, port, alerts } = runClient({ directory })
    for (const [index, { bytes }] of torrents.entries()) {
      const peers = [{ host: '127.0.0.1', port: await seeds[index]!.port() }]
      const { session } = await add(bytes, { peers })
      await firstValueFrom(session.complete$)
    }
    for (const { content, metainfo } of torrents) {
      expect(await readFile(join(directory, metainfo.name))).toEqual(Buffer.from(content))
    }
    const shared = await port()
    const told = alerts.flatMap((alert) =>
      alert._tag === 'SessionNotice' && alert.notice._tag === 'Listening' ? [alert.notice.port] : [],
    )
    expect(told).toEqual([shared, shared])
  })

  it('hangs up on who comes for a torrent that it does not have, or says nothing sensible', async () => {
    const { add, port } = runClient({ directory: await tempDir() })
    await add(small(1).metainfo)
    const stranger = attack(await port())
    stranger.says(handshakeOf(small(2)))
    await stranger.closed
    expect(stranger.received()).toBe(0)
    const fool = attack(await port())
    fool.says(new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n'))
    await fool.closed
  })

  it('lets the longest silent go when many keep silent, and serves who talks', async () => {
    const torrent = small(1)
    const { add, port } = runClient({ directory: await tempDir() })
    await add(torrent.metainfo)
    const open = await port()
    const silent = []
    for (let i = 0; i < 64; i++) {
      const one = attack(open)
      await one.connected
      silent.push(one)
    }
    const talker = attack(open)
    const handshake = handshakeOf(torrent)
    talker.says(handshake.subarray(0, 30))
    await silent[0]!.closed
    talker.says(handshake.subarray(30))
    await until(() => talker.received() >= 68)
    expect(silent.slice(1).filter((one) => one.isClosed())).toEqual([])
  })

  it('answers the same session when a torrent is added again', async () => {
    const torrent = small(1)
    const directory = await tempDir()
    const path = join(directory, 'a.torrent')
    await writeFile(path, torrent.bytes)
    const { add, client } = runClient({ directory })
    const first = await add(torrent.metainfo)
    const again = await Promise.all([add(torrent.bytes), add(path)])
    expect(first.isNew).toBe(true)
    expect(again).toEqual([
      { ...first, isNew: false },
      { ...first, isNew: false },
    ])
    expect(client.get(first.infohash)).toBe(first.session)
    expect((await firstValueFrom(client.sessions$)).size).toBe(1)
  })

  it('refuses what is no torrent, with the reason', async () => {
    const directory = await tempDir()
    const { client } = runClient({ directory })
    const refusal = async (torrent: string | Uint8Array): Promise<unknown> => {
      const added = await firstValueFrom(client.add(torrent))
      return E.isLeft(added) ? added.left : undefined
    }
    expect(await refusal(Uint8Array.of(100))).toMatchObject({ _tag: 'TorrentInvalid' })
    const path = join(directory, 'none.torrent')
    expect(await refusal(path)).toEqual({ _tag: 'TorrentUnreadable', path, code: 'ENOENT' })
    expect(await refusal(directory)).toMatchObject({ _tag: 'TorrentUnreadable', code: 'EISDIR' })
    await writeFile(path, new Uint8Array(10_000_001))
    expect(await refusal(path)).toMatchObject({ _tag: 'TorrentInvalid' })
    expect(await refusal('a\0b')).toMatchObject({ _tag: 'TorrentUnreadable' })
  })

  it('keeps the port when a session goes, and has its place free for the same torrent', async () => {
    const torrent = small(1)
    const { add, port, client } = runClient({ directory: await tempDir() })
    const { infohash, session } = await add(torrent.metainfo)
    const before = await port()
    const states = lastValueFrom(session.state$)
    expect(await firstValueFrom(client.remove(infohash))).toEqual(E.right(undefined))
    expect((await states).phase).toBe('stopped')
    expect(client.state().sessions.size).toBe(0)
    expect(client.get(infohash)).toBeUndefined()
    expect(await firstValueFrom(client.remove(infohash))).toEqual(E.left({ _tag: 'TorrentUnknown' }))
    expect((await add(torrent.metainfo)).isNew).toBe(true)
    expect(await port()).toBe(before)
  })

  it('deletes the data with the torrent when that is asked for, and only then', async () => {
    const directory = await tempDir()
    const { add, client } = runClient({ directory })
    const torrents = [small(1), small(2)]
    for (const torrent of torrents) {
      await writeFiles(torrent, directory)
      const { session } = await add(torrent.metainfo)
      await firstValueFrom(session.complete$)
    }
    expect(await firstValueFrom(client.remove(hexOf(small(1)), { data: true }))).toEqual(E.right(undefined))
    expect(await firstValueFrom(client.remove(hexOf(small(2))))).toEqual(E.right(undefined))
    expect(client.state().sessions.size).toBe(0)
    const left = await readdir(directory, { recursive: true })
    expect(
      left
        .filter((path) => path.includes(hexOf(small(1))))
        .concat(left.filter((path) => path === small(1).metainfo.name)),
    ).toEqual([])
    expect(left).toContain(small(2).metainfo.name)
  })

  it('removes a torrent whose storage does not open, and says why its data was not deleted', async () => {
    const error = storageFault({ operation: 'open', kind: 'permission' })
    const { add, client } = runClient({
      directory: await tempDir(),
      deps: { openStorage: () => of(E.left(error)) },
    })
    const { infohash } = await add(small(1).metainfo)
    expect(await firstValueFrom(client.remove(infohash, { data: true }))).toEqual(E.left(error))
    expect(client.state().sessions.size).toBe(0)
  })

  it('waits for a session that is stopping before it adds the torrent anew', async () => {
    const torrent = small(1)
    const { add, client } = runClient({ directory: await tempDir() })
    const first = await add(torrent.metainfo)
    const removed = firstValueFrom(client.remove(first.infohash))
    const second = await add(torrent.metainfo)
    await removed
    expect(second.isNew).toBe(true)
    expect(second.session).not.toBe(first.session)
    expect([...client.state().sessions.keys()]).toEqual([first.infohash])
  })

  it('ends everything when it stops, and adds no more', async () => {
    const before = sockets()
    const { add, client, port } = runClient({ directory: await tempDir() })
    const sessions = await Promise.all([1, 2, 3].map((seed) => add(small(seed).metainfo)))
    await port()
    const last = Promise.all(sessions.map(({ session }) => lastValueFrom(session.state$)))
    const whole = Promise.all([
      lastValueFrom(client.sessions$),
      lastValueFrom(client.state$),
      lastValueFrom(client.totals$),
      lastValueFrom(client.alert$, { defaultValue: undefined }),
    ])
    await ended(client)
    expect((await last).map(({ phase }) => phase)).toEqual(['stopped', 'stopped', 'stopped'])
    const [left, state] = await whole
    expect(left.size).toBe(0)
    expect(state.totals.sessions).toBe(0)
    await until(() => sockets() <= before)
    expect(await firstValueFrom(client.add(small(1).metainfo))).toEqual(E.left({ _tag: 'ClientClosed' }))
  })

  it('ends at once when it is closed, whoever watches its sessions', async () => {
    const before = sockets()
    const controller = new AbortController()
    const { add, port } = runClient({ directory: await tempDir(), signal: controller.signal })
    const { session } = await add(small(1).metainfo)
    await port()
    const done = lastValueFrom(session.state$)
    controller.abort()
    await done
    await lastValueFrom(session.alert$, { defaultValue: undefined })
    await until(() => sockets() <= before)
  })

  it('lets a session die of a driver that throws, and the others live', async () => {
    const directory = await tempDir()
    const real = nodeDeps({ directory })
    const throwing = (): never => {
      throw new Error('a bug')
    }
    const client = createClient(
      {
        ...real,
        readTorrent: () => EMPTY,
        sessionDeps: (folder) => (folder === directory ? real : { ...real, openStorage: throwing }),
      },
      { directory },
    )
    const alerts: ClientAlert[] = []
    client.alert$.subscribe((alert) => alerts.push(alert))
    const good = await firstValueFrom(client.add(small(1).metainfo))
    const bad = await firstValueFrom(client.add(small(2).metainfo, { directory: 'elsewhere' }))
    if (E.isLeft(good) || E.isLeft(bad)) throw new Error('not added')
    await until(() => alerts.some(({ _tag }) => _tag === 'SessionDied'))
    expect(alerts.filter(({ _tag }) => _tag === 'SessionDied')).toEqual([
      { _tag: 'SessionDied', infohash: hexOf(small(2)), error: new Error('a bug') },
    ])
    expect([...client.state().sessions.keys()]).toEqual([good.right.infohash])
    await until(() => client.state().sessions.get(good.right.infohash)?.phase === 'downloading')
    // Whoever looks at it finds it ended.
    await lastValueFrom(bad.right.session.state$, { defaultValue: undefined })
    await lastValueFrom(client.stop(), { defaultValue: undefined })
  })

  it('keeps nothing in the folder beside a storage of its own', async () => {
    const torrent = small(1)
    const directory = await tempDir()
    const { openStorage } = memoryDisk(torrent, torrent.content)
    const { add, client } = runClient({ directory, deps: { openStorage } })
    const { session } = await add(torrent.metainfo)
    await firstValueFrom(session.complete$)
    await ended(client)
    expect(await readdir(directory)).toEqual([])
  })

  it('gives files all their space before their first byte where that is asked for', async () => {
    const torrent = small(1)
    const directory = await tempDir()
    const part = runSession(torrent, memoryDisk(torrent, torrent.content.subarray(0, 16_384)))
    const { add } = runClient({ directory, allocation: 'full' })
    const peers = [{ host: '127.0.0.1', port: await part.port() }]
    const { session } = await add(torrent.metainfo, { peers })
    await firstValueFrom(session.piece$)
    const { blocks } = await stat(join(directory, torrent.metainfo.name))
    expect(512 * blocks).toBeGreaterThanOrEqual(100_000)
  })

  it('tells every session when the port cannot be had', async () => {
    const taken = runClient({ directory: await tempDir() })
    await taken.add(small(1).metainfo)
    const { add, alerts } = runClient({ directory: await tempDir(), port: await taken.port() })
    await add(small(1).metainfo)
    await add(small(2).metainfo)
    await until(
      () =>
        alerts.filter((alert) => alert._tag === 'SessionNotice' && alert.notice._tag === 'ListenFailed')
          .length === 2,
    )
  })

  it('keeps all sessions together to the budget of connections', async () => {
    const torrents = [small(1), small(2)]
    const seeds = torrents.map((torrent) => runSession(torrent, memoryDisk(torrent, torrent.content)))
    const { add, client } = runClient({ directory: await tempDir(), connections: 1 })
    const peers = await Promise.all(
      seeds.map(async (seed) => ({ host: '127.0.0.1', port: await seed.port() })),
    )
    const slow = { policies: { rate: () => ({ down: 20_000, up: 0 }) } }
    const first = await add(torrents[0]!.metainfo, { peers: [peers[0]!], ...slow })
    await until(() => client.state().sessions.get(first.infohash)?.peers === 1)
    const second = await add(torrents[1]!.metainfo, { peers: [peers[1]!] })
    await until(() => client.state().sessions.get(second.infohash)?.phase === 'downloading')
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(client.state().totals.peers).toBe(1)
    await firstValueFrom(client.remove(first.infohash))
    await firstValueFrom(second.session.complete$)
  })
})
