import { firstValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createSession, type Session } from '../../src/streams/session.js'
import { layoutOf } from '../../src/streams/storageLayout.js'
import { udpTracker } from '../../src/streams/tracker/udpTracker.js'
import type { SessionDeps } from '../../src/streams/deps.js'
import { nodeResolve } from '../../src/streams/node/resolveName.js'
import { createVirtualWorld, type VirtualHost } from '../../src/streams/virtual/index.js'
import { makeTorrent } from '../support/makeTorrent.js'
import { type Asked, joinedBytes, udpTrackerOn, words } from '../support/udpTracker.js'

const TRACKER = '192.0.2.80'
const made = makeTorrent({ pieceLength: 16_384, files: 400_000 })
const metainfo = { ...made.metainfo, trackers: [[`udp://${TRACKER}:6969/announce`]] }

/** A machine whose trackers are asked over its own UDP. */
const depsOf = ({ deps, datagrams }: VirtualHost): SessionDeps => ({
  ...deps,
  trackers: udpTracker({ datagrams, clock: deps.clock, random: deps.random, resolve: nodeResolve() }),
})

const start = (host: VirtualHost): Session => {
  const session = createSession(metainfo, depsOf(host))
  session.state$.subscribe({ error: expect.unreachable })
  return session
}

/** Knows everybody who has announced, and tells each who asks. */
const tellAll = (): ((asked: Asked) => Uint8Array) => {
  const known = new Map<string, Uint8Array>()
  return ({ action, transactionId, from, view }) => {
    if (action === 0) return words(0, transactionId, 1, 2)
    const port = view.getUint16(96)
    known.set(from.host, Uint8Array.of(...from.host.split('.').map(Number), port >> 8, port & 0xff))
    return joinedBytes(words(1, transactionId, 60, 0, 0), ...known.values())
  }
}

describe('a swarm that meets at a UDP tracker', () => {
  it('is complete, although packets get lost', () => {
    const world = createVirtualWorld({ seed: 5, datagrams: { lossChance: 0.2 } })
    udpTrackerOn(world.host(TRACKER).datagrams, { port: 6_969, family: 4 }, tellAll())
    const hosts = Array.from({ length: 8 }, (_, i) => world.host(`10.0.0.${String(i + 1)}`))
    hosts[0]!.disk.preload(layoutOf(metainfo), made.content)
    let done = 0
    for (const host of hosts) {
      start(host).complete$.subscribe({ next: () => done++, error: expect.unreachable })
    }
    expect(world.clock.run(() => done === hosts.length, 600_000)).toBe(true)
  })
})

describe('a dead UDP tracker', () => {
  it('hears at most nine packets of a session in an hour', async () => {
    const world = createVirtualWorld({ seed: 6 })
    let packets = 0
    world.datagrams.sent$.subscribe({ next: () => packets++, error: expect.unreachable })
    const session = start(world.host('10.0.0.1'))
    world.clock.advanceBy(3_600_000)
    expect(packets).toBeGreaterThan(4)
    expect(packets).toBeLessThanOrEqual(9)
    expect((await firstValueFrom(session.trackers$))[0]?.status).toBe('failed')
  })
})
