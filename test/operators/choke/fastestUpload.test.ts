import { test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { fastestUpload } from '../../../src/operators/choke/fastestUpload.js'
import { anyRound } from './arbitraries.js'
import { chokePeer, chokeRound, everyTenSeconds, holdRounds } from './rounds.js'

describe('fastestUpload', () => {
  it('takes those who take most, and one in turn', () => {
    const rates = [500, 100, 900, 300, 700]
    const peers = rates.map((upRate, key) =>
      chokePeer(key, { upRate, amChoking: false, unchokedAt: 0, connectedAt: 0 }),
    )
    const newcomer = chokePeer(9, { connectedAt: 990_000 })
    const chosen = fastestUpload(chokeRound([...peers, newcomer], { slots: 4, isSeeding: true }))
    expect(chosen).toEqual(new Set([2, 4, 0, 9]))
  })

  it('finds the fast ones among many, and gives them most of the time', () => {
    const upRate = (key: number): number => (key < 3 ? 1_000_000 : 20_000)
    let open: ReadonlySet<number> = new Set()
    const time = holdRounds(fastestUpload, {
      at: everyTenSeconds(60),
      slots: 4,
      isSeeding: true,
      peers: () => Array.from({ length: 20 }, (_, key) => ({ key, upRate: open.has(key) ? upRate(key) : 0 })),
      onRound: (unchoked) => {
        open = unchoked
      },
    })
    for (let key = 0; key < 20; key++) {
      if (key < 3) expect(time.get(key)).toBeGreaterThan(45 * 60_000)
      else expect(time.get(key)).toBeGreaterThan(60_000)
    }
  })

  test.prop([anyRound])('unchokes as many as there are slots, if so many are interested', (round) => {
    const interested = round.peers.filter((peer) => peer.peerInterested)
    const chosen = fastestUpload(round)
    expect(chosen.size).toBe(Math.min(round.slots, interested.length))
    for (const key of chosen) expect(round.peers[key]!.peerInterested).toBe(true)
  })
})
