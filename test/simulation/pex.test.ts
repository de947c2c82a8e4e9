import { describe, expect, it } from 'vitest'
import { utPex } from '../../src/operators/session/extension/utPex.js'
import { createSwarm, type Swarm } from '../../src/streams/virtual/swarm.js'
import { makeTorrent } from '../support/makeTorrent.js'

const PORT = 6_881
const LEECHERS = 8

/** Without trackers: each leecher knows the seed and nobody else. */
const swarmOf = (options: { readonly isPrivate?: boolean; readonly pex?: boolean } = {}): Swarm => {
  const { metainfo, content } = makeTorrent({
    pieceLength: 32_768,
    files: 2_000_000,
    isPrivate: options.isPrivate ?? false,
  })
  return createSwarm({
    seed: 1,
    metainfo,
    content,
    seeds: 1,
    leechers: LEECHERS,
    network: { latencyMs: 20, jitterMs: 10, link: { up: 100_000, down: 1_000_000 } },
    options: (member) => ({
      port: PORT,
      pex: options.pex ?? true,
      peers: member === 0 ? [] : [{ host: '10.0.0.1', port: PORT }],
    }),
  })
}

/** How many others each member is connected to. */
const connections = ({ members }: Swarm): ReadonlyArray<number> =>
  members.map(({ state }) => state()?.peers.length ?? 0)

/** Messages of BEP 11 that were received, in all. */
const pexMessages = ({ members }: Swarm): number =>
  members
    .flatMap(({ log }) => log)
    .flatMap((event) => (event._tag === 'PeerBatch' ? event.messages : []))
    .filter((message) => message._tag === 'Extended' && message.id === utPex.id).length

describe('peers that know one other', () => {
  it('find the whole swarm by what it tells them, and say little for it', () => {
    const swarm = swarmOf()
    const isWhole = (): boolean => connections(swarm).every((count) => count === LEECHERS)
    expect(swarm.world.clock.run(isWhole, 90_000), String(connections(swarm))).toBe(true)
    const found = swarm.members.map(({ state }) =>
      state()?.candidates.filter(({ source }) => source === 'pex'),
    )
    expect(found[1]!.length).toBeGreaterThan(0)
    const minutes = Math.ceil(swarm.world.clock.now() / 60_000) + 1
    expect(pexMessages(swarm)).toBeLessThanOrEqual(minutes * LEECHERS * (LEECHERS + 1))
    expect(swarm.runUntilComplete(10 * 60_000)).toBe(true)
    swarm.end()
  })

  it.each([
    ['of a private torrent (R83)', { isPrivate: true }],
    ['that do not want to', { pex: false }],
  ])('%s find nobody, and hear nothing', (_who, options) => {
    const swarm = swarmOf(options)
    swarm.world.clock.run(() => false, 30_000)
    expect(connections(swarm)).toEqual([LEECHERS, ...Array.from({ length: LEECHERS }, () => 1)])
    expect(swarm.runUntilComplete(20 * 60_000)).toBe(true)
    expect(pexMessages(swarm)).toBe(0)
    swarm.end()
  })
})
