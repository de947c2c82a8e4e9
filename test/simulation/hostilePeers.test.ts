import { Subscription } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createPrng } from '../../src/operators/random.js'
import type { Notice } from '../../src/operators/session/notice.js'
import type { PeerAddress } from '../../src/streams/deps.js'
import { createSession } from '../../src/streams/session.js'
import { layoutOf } from '../../src/streams/storageLayout.js'
import { createVirtualWorld, type VirtualWorld } from '../../src/streams/virtual/world.js'
import { makeTorrent } from '../support/makeTorrent.js'
import { blockOf, type Request, virtualPeer } from '../support/virtualPeer.js'
import { rethrow } from '../support/rethrow.js'

const torrent = makeTorrent({ pieceLength: 65_536, files: 24 * 65_536 - 1_000 })
const layout = layoutOf(torrent.metainfo)

interface Outcome {
  readonly ms: number
  readonly notices: ReadonlyArray<Notice>
  readonly isEqual: boolean
}

/** One leecher and who it knows, until it has everything. */
const download = (
  seed: number,
  peers: (world: VirtualWorld, all: Subscription) => ReadonlyArray<PeerAddress>,
): Outcome => {
  const world = createVirtualWorld({
    seed,
    network: { latencyMs: 15, jitterMs: 5, link: { up: 250_000, down: 2_000_000 } },
  })
  const all = new Subscription()
  const leech = world.host('10.0.0.1')
  const session = createSession(torrent.metainfo, leech.deps, { peers: peers(world, all) })
  const notices: Notice[] = []
  let doneAt = Infinity
  all.add(session.alert$.subscribe({ next: (notice) => notices.push(notice), error: rethrow }))
  all.add(session.complete$.subscribe({ next: () => (doneAt = world.clock.now()), error: rethrow }))
  world.clock.run(() => doneAt < Infinity, 10 * 60_000)
  const isEqual = Buffer.compare(leech.disk.bytes(layout), torrent.content) === 0
  all.unsubscribe()
  world.clock.advanceBy(500)
  expect(world.clock.pending()).toBe(0)
  expect(world.network.openSockets()).toBe(0)
  return { ms: doneAt, notices, isEqual }
}

const honest = (request: Request): Uint8Array => blockOf(torrent, request)
const spoilt = (request: Request): Uint8Array => {
  const bytes = blockOf(torrent, request)
  bytes[0]! ^= 1
  return bytes
}

const peersOf =
  (...answers: ReadonlyArray<(request: Request) => Uint8Array | undefined>) =>
  (world: VirtualWorld, all: Subscription): ReadonlyArray<PeerAddress> =>
    answers.map((answer, i) => {
      const { address, subscription } = virtualPeer(world, torrent, `10.0.1.${String(i)}`, answer)
      all.add(subscription)
      return address
    })

describe('a download among', () => {
  it('peers that claim everything and send nothing takes hardly longer (R35)', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const silent = (): undefined => undefined
      const alone = download(seed, peersOf(honest))
      const among = download(seed, peersOf(silent, honest, silent, silent))
      expect(among.isEqual).toBe(true)
      expect(among.ms, `seed ${String(seed)}`).toBeLessThanOrEqual(1.3 * alone.ms)
    }
  })

  it('peers of which four in five lie, always, now and then, or together, completes; no honest one is banned', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const prng = createPrng(seed)
      const always = spoilt
      const sometimes = (request: Request): Uint8Array =>
        prng.int(20) === 0 ? spoilt(request) : honest(request)
      const together = (request: Request): Uint8Array =>
        request.piece % 3 === 0 ? spoilt(request) : honest(request)
      const { isEqual, notices, ms } = download(seed, peersOf(always, sometimes, together, together, honest))
      expect(ms, `seed ${String(seed)}`).toBeLessThan(Infinity)
      expect(isEqual).toBe(true)
      const banned = notices.flatMap((notice) => (notice._tag === 'PeerBanned' ? [notice.host] : []))
      expect(banned.length, 'some liars are found out').toBeGreaterThan(0)
      expect(banned).not.toContain('10.0.1.4')
      expect(new Set(banned).size, 'each is banned once').toBe(banned.length)
    }
  })

  it('a peer that sends one byte too few, or a block that was not asked for, loses it and goes on', () => {
    const short = (request: Request): Uint8Array => honest(request).subarray(1)
    const { isEqual, notices } = download(1, peersOf(short, honest))
    expect(isEqual).toBe(true)
    const reasons = notices.flatMap((notice) => (notice._tag === 'PeerClosed' ? [notice.reason._tag] : []))
    expect(reasons).toContain('ProtocolViolation')
  })

  it('peers that vanish without a word goes on with those that are left', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const { isEqual, ms } = download(seed, (world, all) => {
        const addresses = peersOf(honest, honest, honest)(world, all)
        all.add(
          world.clock.schedule(() => {
            world.network.partition('10.0.1.0')
            world.network.partition('10.0.1.1')
          }, 700),
        )
        return addresses
      })
      expect(isEqual).toBe(true)
      expect(ms).toBeLessThan(60_000)
    }
  })

  it('one slow peer and a quick one does not wait for the slow one', () => {
    const slow = (world: VirtualWorld, all: Subscription): ReadonlyArray<PeerAddress> => {
      world.host('10.0.1.0', { link: { up: 4_000 } })
      return peersOf(honest, honest)(world, all)
    }
    const alone = download(1, peersOf(honest))
    const { isEqual, ms } = download(1, slow)
    expect(isEqual).toBe(true)
    expect(ms).toBeLessThan(1.3 * alone.ms)
  })

  it('nobody, until somebody comes', () => {
    const { isEqual, ms } = download(1, (world, all) => {
      all.add(
        world.clock.schedule(() => {
          all.add(virtualPeer(world, torrent, '10.0.1.0', honest).subscription)
        }, 60_000),
      )
      return [{ host: '10.0.1.0', port: 6_881 }]
    })
    expect(isEqual).toBe(true)
    expect(ms).toBeLessThan(180_000)
  })
})
