import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { fixedSlots } from '../../../src/operators/choke/fixedSlots.js'
import { seedRoundRobin } from '../../../src/operators/choke/seedRoundRobin.js'
import { anyRound } from './arbitraries.js'
import { chokePeer, chokeRound } from './rounds.js'

describe('fixedSlots', () => {
  test.prop([anyRound, fc.nat(12)])('unchokes so many, or as many as the session may', (round, count) => {
    const interested = round.peers.filter((peer) => peer.peerInterested).length
    expect(fixedSlots(count)(round).size).toBe(Math.min(count, round.slots, interested))
  })

  test.prop([anyRound, fc.nat(12)])('leaves the choice to its base', (round, count) => {
    const slots = Math.min(count, round.slots)
    const random = (): number => 0
    expect(fixedSlots(count, seedRoundRobin)({ ...round, random })).toEqual(
      seedRoundRobin({ ...round, random, slots }),
    )
  })

  it.each([[NaN], [-3], [0.5]])('%d is none', (count) => {
    expect(fixedSlots(count)(chokeRound([chokePeer(0)])).size).toBe(0)
  })
})
