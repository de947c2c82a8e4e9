import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { skip } from 'rxjs'
import { replay } from '../../src/operators/session/replay.js'
import type { SessionState } from '../../src/operators/session/state.js'
import { createSwarm, type Swarm } from '../../src/streams/virtual/swarm.js'
import { layoutOf } from '../../src/streams/storageLayout.js'
import { makeTorrent } from '../support/makeTorrent.js'

const torrent = makeTorrent({
  pieceLength: 32_768,
  files: [700_000, 0, 11, 1_300_000],
  trackers: ['http://tracker.test/announce'],
})

const swarmOf = (seed: number): Swarm =>
  createSwarm({
    seed,
    metainfo: torrent.metainfo,
    content: torrent.content,
    seeds: 2,
    leechers: 20,
    network: { latencyMs: 20, jitterMs: 10, link: { up: 1_000_000, down: 4_000_000 } },
  })

const small = makeTorrent({
  pieceLength: 16_384,
  files: [300_000, 5],
  trackers: ['http://tracker.test/announce'],
})

const smallSwarmOf = (seed: number): Swarm =>
  createSwarm({
    seed,
    metainfo: small.metainfo,
    content: small.content,
    seeds: 1,
    leechers: 7,
    network: { latencyMs: 20, jitterMs: 10, link: { up: 200_000, down: 4_000_000 } },
  })

/** Bytes in hex, infinities by name: a text in which nothing is lost. */
const show = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    inner instanceof Uint8Array
      ? Buffer.from(inner).toString('hex')
      : inner instanceof Map
        ? [...inner]
        : typeof inner === 'number' && !Number.isFinite(inner)
          ? String(inner)
          : inner,
  )

const hashOfLogs = (swarm: Swarm): string => {
  const hash = createHash('sha256')
  for (const { log } of swarm.members) for (const event of log) hash.update(show(event))
  return hash.digest('hex')
}

describe('a swarm in virtual time', () => {
  it.each([1, 2])('completes with 2 seeds and 20 leechers, byte for byte (seed %i)', (seed) => {
    const swarm = swarmOf(seed)
    expect(swarm.runUntilComplete(10 * 60_000)).toBe(true)
    for (const { host } of swarm.members) {
      expect(Buffer.compare(host.disk.bytes(layoutOf(torrent.metainfo)), torrent.content)).toBe(0)
    }
    swarm.end()
    expect(swarm.world.clock.pending()).toBe(0)
  })

  it('tells the same story twice from the same seed, and another from another', () => {
    const hashes = [7, 7, 8].map((seed) => {
      const swarm = smallSwarmOf(seed)
      swarm.runUntilComplete(10 * 60_000)
      const hash = hashOfLogs(swarm)
      swarm.end()
      return hash
    })
    expect(hashes[1]).toBe(hashes[0])
    expect(hashes[2]).not.toBe(hashes[0])
  })

  it('replays: the log alone gives the same effects, and every state that the session had', () => {
    const swarm = smallSwarmOf(3)
    const watched = [swarm.members[0]!, swarm.members[5]!]
    const seen = watched.map(({ session, log }) => {
      const states: { readonly after: number; readonly state: SessionState }[] = []
      session.state$.pipe(skip(1)).subscribe({
        next: (state) => states.push({ after: log.length, state }),
        error: expect.unreachable,
      })
      return states
    })
    swarm.runUntilComplete(10 * 60_000)
    watched.forEach(({ config, log }, which) => {
      const [once, again] = [1, 2].map(() => [...replay(config()!, log)])
      expect(once!.length).toBe(log.length)
      expect(show(again)).toBe(show(once))
      expect(seen[which]!.length).toBeGreaterThan(5)
      for (const { after, state } of seen[which]!) expect(show(once![after - 1]!.state)).toBe(show(state))
    })
    swarm.end()
  })

  it('bans a peer whose disk rots, and no honest one (20 swarms)', () => {
    const corrupt = small.content.slice()
    // One block in three is wrong, in pieces that a check at the start has not seen.
    for (let at = 5_000; at < corrupt.length; at += 50_000) corrupt[at]! ^= 1
    let bans = 0
    for (let seed = 1; seed <= 20; seed++) {
      const swarm = createSwarm({
        seed,
        metainfo: small.metainfo,
        content: small.content,
        seeds: 3,
        leechers: 5,
        network: { latencyMs: 20, jitterMs: 10, link: { up: 300_000, down: 4_000_000 } },
      })
      const liar = swarm.members[0]!
      swarm.world.clock.run(() => liar.state()?.phase === 'seeding', 60_000)
      liar.host.disk.preload(layoutOf(small.metainfo), corrupt)
      expect(swarm.runUntilComplete(10 * 60_000), `seed ${String(seed)}`).toBe(true)
      const banned = new Set<string>()
      let hasLied = false
      for (const { notices, host } of swarm.members) {
        for (const notice of notices) {
          if (notice._tag === 'PeerBanned') banned.add(notice.host)
          hasLied ||= notice._tag === 'PieceFailed'
        }
        if (host !== liar.host) {
          expect(Buffer.compare(host.disk.bytes(layoutOf(small.metainfo)), small.content)).toBe(0)
        }
      }
      // Now and then all that it has to give comes too late to be used.
      expect([...banned], `seed ${String(seed)}`).toEqual(hasLied ? [liar.host.address] : [])
      bans += banned.size
      swarm.end()
    }
    expect(bans).toBeGreaterThan(10)
  })
})
