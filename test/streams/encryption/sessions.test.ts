import { filter, firstValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { magnetOf } from '../../../src/codecs/magnet.js'
import { createSession } from '../../../src/streams/session.js'
import type { EncryptionPolicy } from '../../../src/streams/encryption/policy.js'
import { createClient } from '../../../src/streams/client.js'
import { fetchMetadata } from '../../../src/streams/metadata/fetchMetadata.js'
import { fetchMetainfo } from '../../../src/streams/node/fetchMetainfo.js'
import { nodeDeps } from '../../../src/streams/node/nodeDeps.js'
import { attack, handshakeOf } from '../../support/attacker.js'
import { makeTorrent } from '../../support/makeTorrent.js'
import { memoryDisk, runSession } from '../../support/realSession.js'
import { runClient } from '../../support/runClient.js'
import { tempDir } from '../../support/tempDir.js'
import { until } from '../../support/until.js'

const torrent = makeTorrent({ pieceLength: 65_536, files: 3_000_000 })
const magnet = magnetOf(torrent.metainfo)

const seedWith = (encryption: EncryptionPolicy) =>
  runSession(torrent, memoryDisk(torrent, torrent.content), { encryption })

describe('sessions', () => {
  it.each<[EncryptionPolicy, EncryptionPolicy, boolean]>([
    ['required', 'required', true],
    ['allowed', 'required', true],
    ['preferred', 'allowed', false],
    ['preferred', 'preferred', true],
  ])('%s gets everything from %s', async (leeching, seeding, isEncrypted) => {
    const seed = seedWith(seeding)
    const disk = memoryDisk(torrent)
    const leech = runSession(torrent, disk, {
      encryption: leeching,
      peers: [{ host: '127.0.0.1', port: await seed.port() }],
    })
    const seen = firstValueFrom(
      leech.session.peers$.pipe(filter(([peer]) => peer !== undefined && peer.downloaded > 0)),
    )
    await firstValueFrom(leech.session.complete$)
    expect(Buffer.compare(disk.read() ?? Buffer.alloc(0), torrent.content)).toBe(0)
    expect((await seen)[0]?.isEncrypted).toBe(isEncrypted)
    // Serving must not have spoiled what is served.
    expect(Buffer.compare(seed.disk.read() ?? Buffer.alloc(0), torrent.content)).toBe(0)
  })

  it('required hangs up on who comes plain', async () => {
    const seed = seedWith('required')
    const attacker = attack(await seed.port())
    attacker.says(handshakeOf(torrent))
    await attacker.closed
    expect(attacker.received()).toBe(0)
  })

  it('required in a world that cannot encrypt is misuse, and so is another word', async () => {
    const { keyExchange: _, ...deps } = nodeDeps({ directory: await tempDir() })
    const clientDeps = { ...deps, sessionDeps: () => deps, readTorrent: () => expect.unreachable() }
    const encryption = 'required'
    expect(() => createSession(torrent.metainfo, deps, { encryption })).toThrow(TypeError)
    expect(() => fetchMetadata(magnet, deps, { encryption })).toThrow(TypeError)
    expect(() => createClient(clientDeps, { directory: 'never-made', encryption })).toThrow(TypeError)
    const word = 'always' as EncryptionPolicy
    expect(() => createSession(torrent.metainfo, deps, { encryption: word })).toThrow('always')
    expect(() => createSession(torrent.metainfo, deps, { encryption: 'preferred' })).not.toThrow()
  })
})

describe('a search for metadata', () => {
  it('goes by the policy too', async () => {
    const seed = seedWith('required')
    const peers = [{ host: '127.0.0.1', port: await seed.port() }]
    for (const encryption of ['allowed', 'preferred', 'required'] as const) {
      const state = await firstValueFrom(
        fetchMetainfo(magnet, { peers, encryption }).pipe(filter(({ _tag }) => _tag !== 'Fetching')),
      )
      expect(state._tag).toBe('Fetched')
    }
    const refused = await firstValueFrom(
      fetchMetainfo(magnet, { peers, encryption: 'disabled' }).pipe(
        filter((state) => state._tag === 'Fetching' && state.progress.why.length > 0),
      ),
    )
    expect(refused._tag).toBe('Fetching')
  })
})

describe('a client', () => {
  const one = makeTorrent({ name: 'one', pieceLength: 16_384, files: 100_000, seed: 2 })
  const two = makeTorrent({ name: 'two', pieceLength: 16_384, files: 100_000, seed: 3 })

  it('has one port for torrents of every policy, and finds each by what is asked for', async () => {
    const directory = await tempDir()
    const { client, add, port } = runClient({ directory, encryption: 'preferred' })
    await add(one.bytes, { encryption: 'required' })
    await add(two.bytes)
    const peers = [{ host: '127.0.0.1', port: await port() }]
    // Who has the data comes to who wants it.
    const seeds = [one, two].map((made) =>
      runSession(made, memoryDisk(made, made.content), { encryption: 'required', peers }),
    )
    const met = seeds.map(({ session }) =>
      firstValueFrom(session.event$.pipe(filter((event) => event._tag === 'PeerConnected'))),
    )
    const sessions = [...(await firstValueFrom(client.sessions$)).values()]
    await Promise.all(sessions.map(({ complete$ }) => firstValueFrom(complete$)))
    for (const { isEncrypted } of await Promise.all(met)) expect(isEncrypted).toBe(true)
  })

  it('refuses plain for a torrent that is to be encrypted, on the port where others take it', async () => {
    const { add, port } = runClient({ directory: await tempDir() })
    await add(one.bytes, { encryption: 'required' })
    await add(two.bytes)
    const at = await port()
    const [refused, welcome] = [attack(at), attack(at)]
    refused.says(handshakeOf(one))
    welcome.says(handshakeOf(two))
    await refused.closed
    await until(() => welcome.received() >= 68)
    expect(refused.received()).toBe(0)
  })

  it('fetches metadata by its policy, and the session that follows goes by it', async () => {
    const seed = seedWith('required')
    const { add } = runClient({ directory: await tempDir(), encryption: 'required' })
    const link = `magnet:?xt=urn:btih:${Buffer.from(O.toUndefined(torrent.metainfo.infohash.v1) ?? []).toString('hex')}`
    const added = await add(link, { peers: [{ host: '127.0.0.1', port: await seed.port() }] })
    await firstValueFrom(added.session.complete$)
    expect(added.session.state()?.progress.isDone).toBe(true)
  })
})
