import { test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { titForTat } from '../../../src/operators/choke/titForTat.js'
import { anyRound } from './arbitraries.js'
import { chokePeer, chokeRound, everyTenSeconds, holdRounds } from './rounds.js'

describe('titForTat', () => {
  it('takes those who give most', () => {
    const rates = [500, 100, 900, 300, 700]
    const peers = rates.map((downRate, key) => chokePeer(key, { downRate }))
    expect(titForTat(chokeRound(peers, { slots: 3 }))).toEqual(new Set([2, 4, 0]))
    expect(titForTat(chokeRound(peers, { slots: 0 }))).toEqual(new Set())
  })

  it('leaves out who is not interested, has us waiting, or gives nothing', () => {
    const peers = [
      chokePeer(0, { downRate: 900, peerInterested: false }),
      chokePeer(1, { downRate: 900, isSnubbed: true }),
      chokePeer(2, { downRate: 0, amChoking: false }),
      chokePeer(3, { downRate: 1 }),
    ]
    expect(titForTat(chokeRound(peers))).toEqual(new Set([3]))
  })

  it('does not change a peer for one that is hardly better', () => {
    const peers = [chokePeer(0, { downRate: 109 }), chokePeer(1, { downRate: 100, amChoking: false })]
    expect(titForTat(chokeRound(peers, { slots: 1 }))).toEqual(new Set([1]))
    const better = [chokePeer(0, { downRate: 111 }), chokePeer(1, { downRate: 100, amChoking: false })]
    expect(titForTat(chokeRound(better, { slots: 1 }))).toEqual(new Set([0]))
  })

  it('keeps to its choice among equals whose rates tremble', () => {
    const choices = new Set<string>()
    holdRounds(titForTat, {
      at: everyTenSeconds(30),
      slots: 4,
      peers: (now) =>
        Array.from({ length: 20 }, (_, key) => ({ key, downRate: 10_000 + 400 * Math.sin(now + key) })),
      onRound: (unchoked) => choices.add([...unchoked].toSorted((a, b) => a - b).join()),
    })
    expect(choices.size).toBe(1)
  })

  test.prop([anyRound])('chooses nobody over one who gives clearly more', (round) => {
    const chosen = titForTat(round)
    const eligible = round.peers.filter((p) => p.peerInterested && !p.isSnubbed && p.downRate > 0)
    expect(chosen.size).toBe(Math.min(round.slots, eligible.length))
    const worst = Math.min(...eligible.filter((p) => chosen.has(p.key)).map((p) => p.downRate))
    for (const peer of eligible)
      if (!chosen.has(peer.key)) expect(peer.downRate).toBeLessThanOrEqual(worst * 1.11)
  })
})
