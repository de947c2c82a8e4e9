import { test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { defaultChoke } from '../../../src/operators/choke/defaultChoke.js'
import { seedRoundRobin } from '../../../src/operators/choke/seedRoundRobin.js'
import { createPrng } from '../../../src/operators/random.js'
import { anyRound } from './arbitraries.js'
import { everyTenSeconds, holdRounds } from './rounds.js'

describe('defaultChoke', () => {
  it.each([true, false])('shares 30 minutes among 20 peers that give nothing; seeding: %s', (isSeeding) => {
    const time = holdRounds(defaultChoke, {
      at: everyTenSeconds(30),
      slots: 4,
      isSeeding,
      peers: () => Array.from({ length: 20 }, (_, key) => ({ key })),
    })
    expect(time.size).toBe(20)
    for (const ms of time.values()) expect(ms).toBe((30 * 60_000 * 4) / 20)
  })

  test.prop([anyRound])('is a seed’s round robin while seeding', (round) => {
    const again = { ...round, isSeeding: true }
    const seed = (): { random: () => number } => ({ random: createPrng(1).next })
    expect(defaultChoke({ ...again, ...seed() })).toEqual(seedRoundRobin({ ...again, ...seed() }))
  })

  test.prop([anyRound])('leaves no slot free while somebody is interested', (round) => {
    const interested = round.peers.filter((peer) => peer.peerInterested)
    expect(defaultChoke(round).size).toBe(Math.min(round.slots, interested.length))
  })
})
