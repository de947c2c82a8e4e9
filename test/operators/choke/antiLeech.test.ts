import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { antiLeech } from '../../../src/operators/choke/antiLeech.js'
import { anyRound } from './arbitraries.js'
import { chokePeer, chokeRound, everyTenSeconds, holdRounds } from './rounds.js'

describe('antiLeech', () => {
  it('prefers who has just begun and who is nearly done', () => {
    const fractions = [0.5, 0.02, 0.3, 0.97, 0.7]
    const peers = fractions.map((fraction, key) => chokePeer(key, { fraction }))
    expect(antiLeech(chokeRound(peers, { slots: 2 }))).toEqual(new Set([1, 3]))
    expect(antiLeech(chokeRound(peers, { slots: 4 }))).toEqual(new Set([1, 3, 2, 4]))
  })

  it('lets equals take turns', () => {
    const time = holdRounds(antiLeech, {
      at: everyTenSeconds(30),
      slots: 4,
      isSeeding: true,
      peers: () => Array.from({ length: 20 }, (_, key) => ({ key, fraction: 0.01 })),
    })
    for (let key = 0; key < 20; key++) expect(time.get(key)).toBe((30 * 60_000 * 4) / 20)
  })

  test.prop([anyRound])(
    'leaves no slot empty, and chooses nobody over one further from the middle',
    (round) => {
      const chosen = antiLeech(round)
      const interested = round.peers.filter((peer) => peer.peerInterested)
      expect(chosen.size).toBe(Math.min(round.slots, interested.length))
      const distance = (key: number): number => Math.abs(round.peers[key]!.fraction - 0.5)
      const nearest = Math.min(...[...chosen].map(distance))
      for (const { key } of interested)
        if (!chosen.has(key)) expect(distance(key)).toBeLessThanOrEqual(nearest + 0.05)
    },
  )

  test.prop([anyRound, fc.constantFrom(0, 1, 0.5)])(
    'is round robin among those who have as much',
    (round, fraction) => {
      const equals = round.peers.map((peer) => ({ ...peer, fraction }))
      const interested = equals.filter((peer) => peer.peerInterested)
      expect(antiLeech({ ...round, peers: equals }).size).toBe(Math.min(round.slots, interested.length))
    },
  )
})
