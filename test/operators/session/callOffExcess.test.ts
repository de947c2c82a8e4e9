import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { outstandingCount } from '../../../src/operators/rate/requestQueue.js'
import { checkedFixture } from '../../support/checkedFixture.js'
import type { FakePeer, SessionFixture } from '../../support/sessionFixture.js'

const BLOCK = 16_384

const limit = (fixture: SessionFixture, down: number): void => {
  fixture.command({ _tag: 'SetLimits', scope: 'session', down, up: Infinity })
}
const inFlight = (peers: ReadonlyArray<FakePeer>): number =>
  peers.reduce((sum, peer) => sum + outstandingCount(peer.model()!.requests), 0)

describe('a lowered limit', () => {
  it('calls off all but half a second of what was asked for, the newest first', () => {
    const fixture = checkedFixture({ pieces: 64, blocks: 16 })
    const peers = [fixture.peer({ has: 'all' }), fixture.peer({ has: 'all' })]
    for (const peer of peers) peer.says({ _tag: 'Unchoke' })
    const first = peers.map(({ owed }) => owed.slice(0, 3))
    expect(inFlight(peers)).toBe(64)
    limit(fixture, 12 * BLOCK)
    expect(inFlight(peers)).toBe(6)
    expect(peers.map(({ owed }) => owed)).toEqual(first)
    expect(peers[0]!.toldOf('Cancel')).toHaveLength(29)
  })

  it('asks others, or later, for what was called off', () => {
    const fixture = checkedFixture({ pieces: 4, blocks: 16 })
    const peers = [fixture.peer({ has: 'all' }), fixture.peer({ has: 'all', fast: false })]
    for (const peer of peers) peer.says({ _tag: 'Unchoke' })
    limit(fixture, 0)
    expect(inFlight(peers)).toBe(0)
    limit(fixture, Infinity)
    for (let i = 0; i < 100; i++) for (const peer of peers) peer.gives(peer.owed.length)
    expect(fixture.model.table.havePieces).toBe(4)
  })

  it('takes what comes all the same, and counts it', () => {
    const fixture = checkedFixture({ pieces: 64, blocks: 16 })
    const peer = fixture.peer({ has: 'all' })
    peer.says({ _tag: 'Unchoke' })
    const [, , , called] = [...peer.owed]
    limit(fixture, 2 * BLOCK)
    const { bucket } = fixture.model.allowance.down
    expect(bucket.tokens).toBe(0)
    peer.says({ ...called!, _tag: 'Piece', payload: new Uint8Array(BLOCK) })
    expect(bucket.tokens).toBe(-BLOCK)
    expect(fixture.model.downloaded).toBe(BLOCK)
    expect(fixture.model.wasted).toBe(0)
  })

  it('does not take the refusals that it brings for ill will', () => {
    const fixture = checkedFixture({ pieces: 64, blocks: 16 })
    const peer = fixture.peer({ has: 'all' })
    peer.says({ _tag: 'Unchoke' })
    for (let i = 0; i < 100; i++) {
      const asked = [...peer.owed]
      limit(fixture, 0)
      peer.says(...asked.map((request) => ({ ...request, _tag: 'RejectRequest' as const })))
      limit(fixture, Infinity)
      expect(peer.owed.length).toBeGreaterThan(30)
    }
    expect(peer.closedFor()).toBeUndefined()
    expect(peer.model()!.rejects).toBe(0)
  })
})

type Step = readonly [what: 'give' | 'refuse' | 'choke' | 'leave', peer: number, count: number]

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom('give', 'refuse', 'choke', 'leave'),
  fc.nat(3),
  fc.nat(40),
)

describe('the books of a limit', () => {
  test.prop([fc.array(step, { maxLength: 60 })])(
    'stand at what has come and what is counted on, whatever peers do',
    (steps) => {
      const fixture = checkedFixture({ pieces: 6, blocks: 16 })
      const rich = 1e12
      limit(fixture, rich)
      const { bucket } = fixture.model.allowance.down
      // Time stands still from here on: nothing is added.
      bucket.tokens = rich
      const peers = [true, true, false, false].map((fast) => fixture.peer({ has: 'all', fast }))
      for (const peer of peers) peer.says({ _tag: 'Unchoke' })
      for (const [what, index, count] of steps) {
        const peer = peers[index]!
        if (peer.model() === undefined) continue
        if (what === 'give') peer.gives(count)
        else if (what === 'refuse') {
          if (peer.model()!.hasFast) peer.refuses(count)
        } else if (what === 'leave') peer.closes()
        else {
          peer.says({ _tag: 'Choke' })
          if (!peer.model()!.hasFast) peer.owed.length = 0
          peer.says({ _tag: 'Unchoke' })
        }
        const left = peers.filter((other) => other.model() !== undefined)
        const { downloaded, wasted } = fixture.model
        expect(rich - bucket.tokens).toBe(downloaded + wasted + inFlight(left) * BLOCK)
      }
    },
  )
})
