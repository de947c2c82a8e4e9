import { firstValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { memoryDisk, runSession } from '../../support/realSession.js'
import { fileServer } from '../../support/fileServer.js'
import { httpServer } from '../../support/httpServers.js'
import { makeTorrent, type MadeTorrent } from '../../support/makeTorrent.js'
import { until } from '../../support/until.js'

const PIECE = 32_768

const single = (webSeeds: ReadonlyArray<string>, httpSeeds: ReadonlyArray<string> = []): MadeTorrent =>
  makeTorrent({ name: 'one file.bin', pieceLength: PIECE, files: 40 * PIECE + 77, webSeeds, httpSeeds })

const lengths = [100_000, 0, 5, PIECE, 300_001]
const several = (webSeeds: ReadonlyArray<string>): MadeTorrent =>
  makeTorrent({ name: 'a folder', pieceLength: PIECE, files: lengths, webSeeds })

const filesOf = ({ metainfo, content }: MadeTorrent, root = '/'): ReadonlyMap<string, Uint8Array> =>
  new Map(
    metainfo.files.map(({ path, offset, length }) => [
      root + path.join('/'),
      content.subarray(offset, offset + length),
    ]),
  )

describe('web seeds', () => {
  it('give a whole torrent, though there is no peer', async () => {
    const plain = single([])
    const server = await fileServer(filesOf(plain))
    const torrent = single([`http://${server.host}/one%20file.bin`])
    const disk = memoryDisk(torrent)
    const { session, state } = runSession(torrent, disk)
    await firstValueFrom(session.complete$)
    expect(Buffer.from(disk.read()!).equals(torrent.content)).toBe(true)
    expect(state().totals.wasted).toBe(0)
    await server.quiet()
  })

  it('have many blocks in one request', async () => {
    const server = await fileServer(filesOf(single([])))
    const torrent = single([`http://${server.host}/`])
    const { session } = runSession(torrent, memoryDisk(torrent))
    await firstValueFrom(session.complete$)
    // Two blocks in each piece.
    expect(server.asked.length).toBeLessThanOrEqual(torrent.metainfo.pieceCount)
    expect(server.asked.every(({ path }) => path === '/one file.bin')).toBe(true)
  })

  it('give ranges across files, each from its place', async () => {
    const server = await fileServer(filesOf(several([]), '/mirror/'))
    const torrent = several([`http://${server.host}/mirror`])
    const disk = memoryDisk(torrent)
    const { session } = runSession(torrent, disk)
    await firstValueFrom(session.complete$)
    expect(Buffer.from(disk.read()!).equals(torrent.content)).toBe(true)
    expect(new Set(server.asked.map(({ path }) => path))).toEqual(
      new Set([
        '/mirror/a folder/0.bin',
        '/mirror/a folder/2.bin',
        '/mirror/a folder/3.bin',
        '/mirror/a folder/4.bin',
      ]),
    )
  })

  it('work together', async () => {
    const servers = await Promise.all([1, 2, 3].map(() => fileServer(filesOf(single([])))))
    const torrent = single(servers.map(({ host }) => `http://${host}/one%20file.bin`))
    const { session } = runSession(torrent, memoryDisk(torrent))
    await firstValueFrom(session.complete$)
    expect(servers.every(({ asked }) => asked.length > 0)).toBe(true)
  })

  it('that give bad bytes are banned, and the rest comes from a peer', async () => {
    const liar = await fileServer(new Map([['/one file.bin', new Uint8Array(40 * PIECE + 77)]]))
    const torrent = single([`http://${liar.host}/one%20file.bin`])
    const seed = runSession(torrent, memoryDisk(torrent, torrent.content), { webSeeds: false })
    const disk = memoryDisk(torrent)
    const leech = runSession(torrent, disk)
    await until(() => leech.notices.some(({ _tag }) => _tag === 'PeerBanned'))
    leech.session.addPeers([{ host: '127.0.0.1', port: await seed.port() }])
    await firstValueFrom(leech.session.complete$)
    expect(Buffer.from(disk.read()!).equals(torrent.content)).toBe(true)
    const banned = leech.notices.flatMap((notice) => (notice._tag === 'PeerBanned' ? [notice.host] : []))
    expect(banned).toEqual(['webseed://127.0.0.1/1'])
    expect(leech.state().peers.map(({ host }) => host)).not.toContain('webseed://127.0.0.1/1')
  })

  it.each<[string, Parameters<typeof httpServer>[0]]>([
    ['have nothing', (_, response) => response.writeHead(404).end()],
    ['ignore ranges', (_, response) => response.end(new Uint8Array(40 * PIECE + 77))],
    ['break off', (_, response) => response.destroy()],
  ])('that %s leave the work to peers', async (_, listener) => {
    const server = await httpServer(listener)
    const torrent = single([`http://${server.host}/one%20file.bin`])
    const seed = runSession(torrent, memoryDisk(torrent, torrent.content), { webSeeds: false })
    const leech = runSession(torrent, memoryDisk(torrent))
    await until(() => leech.notices.some(({ _tag }) => _tag === 'PeerClosed'))
    leech.session.addPeers([{ host: '127.0.0.1', port: await seed.port() }])
    await firstValueFrom(leech.session.complete$)
    expect(leech.state().progress.isComplete).toBe(true)
  })

  it('give all but the files that they lack', async () => {
    const files = new Map(filesOf(several([])))
    files.delete('/a folder/0.bin')
    const server = await fileServer(files)
    const torrent = several([`http://${server.host}/`])
    const seed = runSession(torrent, memoryDisk(torrent, torrent.content), { webSeeds: false })
    const disk = memoryDisk(torrent)
    const { session, state } = runSession(torrent, disk)
    const without = Math.ceil(lengths[0]! / PIECE)
    await until(() => state().progress.havePieces === torrent.metainfo.pieceCount - without)
    // All else may have come before the file is found missing: it is the next connection that does not offer it.
    await until(() => state().peers.some(({ isSeed }) => !isSeed))
    expect(state().peers).toMatchObject([{ host: 'webseed://127.0.0.1/1', isSeed: false }])
    session.addPeers([{ host: '127.0.0.1', port: await seed.port() }])
    await firstValueFrom(session.complete$)
    expect(Buffer.from(disk.read()!).equals(torrent.content)).toBe(true)
  })

  it('are not asked while the session is paused, nor by a session that is told not to', async () => {
    const server = await fileServer(filesOf(single([])))
    const torrent = single([`http://${server.host}/one%20file.bin`])
    const paused = runSession(torrent, memoryDisk(torrent), { desired: 'paused' })
    const without = runSession(torrent, memoryDisk(torrent), { webSeeds: false })
    await until(() => paused.state().phase === 'paused' && without.state().phase === 'downloading')
    expect(server.asked).toEqual([])
    paused.session.send({ _tag: 'SetDesired', desired: 'running' })
    await firstValueFrom(paused.session.complete$)
    expect(without.state().candidates).toEqual([])
  })

  it('keep to limits, and show as a peer that has everything', async () => {
    const server = await fileServer(filesOf(single([])))
    const torrent = single([`http://${server.host}/one%20file.bin?x=y`.replace('?x=y', '')])
    const { session, state } = runSession(torrent, memoryDisk(torrent), { limits: { down: 200_000 } })
    session.progress$.subscribe({
      error: (thrown: unknown) => {
        throw thrown
      },
    })
    await until(() => state().peers.length === 1 && state().totals.downloaded > 0)
    expect(state().peers[0]).toMatchObject({
      host: 'webseed://127.0.0.1/1',
      isSeed: true,
      client: 'web seed',
    })
    expect(state().totals.downloaded).toBeLessThan(400_000)
    expect(O.isSome(state().port)).toBe(true)
  })

  it('of pieces are asked by infohash and piece (BEP 17)', async () => {
    const plain = single([])
    const asked: string[] = []
    const server = await httpServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://x')
      asked.push(url.search)
      const piece = Number(url.searchParams.get('piece'))
      const [from = 0, to = 0] = (url.searchParams.get('ranges') ?? '').split('-').map(Number)
      response.end(plain.content.subarray(piece * PIECE + from, piece * PIECE + to + 1))
    })
    // The internet, for this test: a query is asked nowhere else.
    const torrent = single([], [`http://${server.host}/seed`])
    const disk = memoryDisk(torrent)
    const { session } = runSession(torrent, disk, {}, { scopeOf: () => 'global' })
    await firstValueFrom(session.complete$)
    expect(Buffer.from(disk.read()!).equals(torrent.content)).toBe(true)
    expect(asked[0]).toMatch(/^\?info_hash=(%[0-9a-f]{2}){20}&piece=\d+&ranges=\d+-\d+$/)
    expect(asked.length).toBeLessThanOrEqual(2 * torrent.metainfo.pieceCount)
  })
})
