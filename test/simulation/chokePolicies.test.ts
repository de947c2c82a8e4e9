import { describe, expect, it } from 'vitest'
import { antiLeech } from '../../src/operators/choke/antiLeech.js'
import { fastestUpload } from '../../src/operators/choke/fastestUpload.js'
import { fixedSlots } from '../../src/operators/choke/fixedSlots.js'
import type { ChokePolicy } from '../../src/operators/choke/policy.js'
import { rateBased } from '../../src/operators/choke/rateBased.js'
import { seedRoundRobin } from '../../src/operators/choke/seedRoundRobin.js'
import { createSwarm, type Swarm, type SwarmOptions } from '../../src/streams/virtual/swarm.js'
import { makeTorrent } from '../support/makeTorrent.js'

const torrent = makeTorrent({
  pieceLength: 65_536,
  files: 96 * 65_536,
  trackers: ['http://tracker.test/announce'],
})
const large = makeTorrent({
  pieceLength: 65_536,
  files: 160 * 65_536,
  trackers: ['http://tracker.test/announce'],
})

/** One seed with the policy, and leechers. */
const seededBy = (choke: ChokePolicy, options: Partial<SwarmOptions>): Swarm =>
  createSwarm({
    seed: 5,
    metainfo: torrent.metainfo,
    content: torrent.content,
    seeds: 1,
    leechers: 12,
    options: (member) => (member === 0 ? { policies: { choke } } : {}),
    ...options,
  })

/** What a seed with three slots gives in a minute and a half to three fast leechers and nine slow ones. */
const uploadedBy = (policy: ChokePolicy, seed: number): number => {
  const swarm = seededBy(fixedSlots(3, policy), {
    seed,
    network: { latencyMs: 20, link: { up: 2_000, down: 4_000_000 } },
    host: (member) => ({
      link: member === 0 ? { up: 200_000 } : { up: 2_000, down: member <= 3 ? 60_000 : 3_000 },
    }),
  })
  swarm.world.clock.advanceBy(90_000)
  const { uploaded } = swarm.members[0]!.state()!.totals
  swarm.end()
  return uploaded
}

describe('a seed', () => {
  it('with fastestUpload gets more out than with round robin, where many are slow', () => {
    const [fastest, fair] = [fastestUpload, seedRoundRobin].map((policy) =>
      [1, 2, 3, 4, 5].reduce((sum, seed) => sum + uploadedBy(policy, seed), 0),
    )
    expect(fastest).toBeGreaterThan(1.15 * fair!)
  })

  it('with antiLeech serves who has nothing before who has half', () => {
    const isNew = (member: number): boolean => member > 8
    const half = large.content.subarray(0, large.content.length / 2)
    const [anti, fair] = [antiLeech, seedRoundRobin].map((policy) => {
      const swarm = seededBy(fixedSlots(4, policy), {
        seed: 1,
        metainfo: large.metainfo,
        content: large.content,
        network: { latencyMs: 20, link: { up: 5_000, down: 4_000_000 } },
        host: (member) => (member === 0 ? { link: { up: 300_000 } } : {}),
        // Zeros are nothing, but take as long to check: who has nothing to look at would be there first.
        contentOf: (member) =>
          member === 0 ? undefined : isNew(member) ? new Uint8Array(half.length) : half,
      })
      swarm.world.clock.advanceBy(40_000)
      const { peers, totals } = swarm.members[0]!.state()!
      const newcomers = peers.filter(({ host }) => isNew(Number(host.split('.')[2])))
      swarm.end()
      return newcomers.reduce((sum, { uploaded }) => sum + uploaded, 0) / totals.uploaded
    })
    expect(anti).toBeGreaterThan(0.75)
    expect(fair).toBeLessThan(0.6)
  })

  it('with rateBased opens few slots on a narrow uplink and many on a broad one', () => {
    const [narrow, broad] = [4_000, 100_000].map((up) => {
      const swarm = seededBy(rateBased({ rateStep: 200 }), {
        network: { latencyMs: 20, link: { up: 1_000, down: 4_000_000 } },
        host: (member) => (member === 0 ? { link: { up } } : {}),
      })
      const open: number[] = []
      for (let round = 0; round < 9; round++) {
        swarm.world.clock.advanceBy(10_000)
        open.push(swarm.members[0]!.state()!.peers.filter(({ amChoking }) => !amChoking).length)
      }
      swarm.end()
      return open
    })
    expect(Math.max(...narrow!)).toBeLessThanOrEqual(3)
    expect(narrow!.at(-1)).toBeGreaterThan(0)
    expect(Math.max(...broad!)).toBeGreaterThan(3)
  })

  it('with fixedSlots has never more than so many unchoked', () => {
    const swarm = seededBy(fixedSlots(2), { network: { link: { up: 50_000, down: 4_000_000 } } })
    for (let second = 0; second < 60; second++) {
      swarm.world.clock.advanceBy(1_000)
      const unchoked = swarm.members[0]!.state()!.peers.filter(({ amChoking }) => !amChoking)
      expect(unchoked.length).toBeLessThanOrEqual(2)
      if (second > 5) expect(unchoked.length).toBe(2)
    }
    swarm.end()
  })
})
