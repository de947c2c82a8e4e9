import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import type { SessionPolicies } from '../../../src/operators/session/policies.js'
import { checkedFixture } from '../../support/checkedFixture.js'
import type { SessionFixture } from '../../support/sessionFixture.js'

const boom = (): never => {
  throw new Error('boom')
}
/** What a policy in JavaScript may answer. */
const answering = (answer: unknown) => (): never => answer as never

const transfer = (policies: Partial<SessionPolicies>): SessionFixture => {
  const fixture = checkedFixture({ pieces: 4, policies, peers: [{ host: '10.0.0.9', port: 9 }] })
  const peer = fixture.peer({ has: 'all' })
  peer.says({ _tag: 'Interested' }, { _tag: 'Unchoke' })
  for (let i = 0; i < 40 && fixture.model.phase === 'downloading'; i++) {
    peer.gives(2)
    fixture.pass(250)
  }
  return fixture
}

describe('a policy', () => {
  it.each<[keyof SessionPolicies, string, Partial<SessionPolicies>]>([
    ['piece', 'throws', { piece: boom }],
    [
      'piece',
      'throws what is no Error',
      {
        piece: () => {
          throw 'boom' as unknown as Error
        },
      },
    ],
    ['piece', 'answers undefined', { piece: answering(undefined) }],
    ['piece', 'answers a piece that is not there', { piece: () => O.some(99) }],
    ['piece', 'answers a negative piece', { piece: () => O.some(-2) }],
    ['piece', 'answers a fraction', { piece: () => O.some(0.5) }],
    ['piece', 'answers NaN', { piece: () => O.some(NaN) }],
    ['piece', 'answers the same piece for ever', { piece: () => O.some(0) }],
    ['choke', 'throws', { choke: boom }],
    ['choke', 'answers an array', { choke: answering([1]) }],
    ['choke', 'answers undefined', { choke: answering(undefined) }],
    ['peer', 'throws', { peer: boom }],
    ['peer', 'answers undefined', { peer: answering(undefined) }],
    ['peer', 'answers holes', { peer: answering([undefined]) }],
    ['peer', 'answers an address that was not offered', { peer: () => [{ host: '8.8.8.8', port: 53 }] }],
    ['rate', 'throws', { rate: boom }],
    ['rate', 'answers undefined', { rate: answering(undefined) }],
    ['rate', 'answers NaN', { rate: () => ({ down: NaN, up: NaN }) }],
    ['rate', 'answers a negative limit', { rate: () => ({ down: -1, up: 1 }) }],
  ])('for %s that %s is reported, and the default answers', (name, _, policies) => {
    const fixture = transfer(policies)
    expect(new Set(fixture.noticesOf('PolicyFailed').map(({ policy }) => policy))).toEqual(new Set([name]))
    expect(fixture.model.phase).toBe('seeding')
    expect(fixture.effectsOf('Dial')).toMatchObject([{ address: { host: '10.0.0.9', port: 9 } }])
    expect(fixture.effectsOf('Send').flatMap(({ messages }) => messages)).toContainEqual({ _tag: 'Unchoke' })
  })

  it('is told in the notice what went wrong', () => {
    const [notice] = transfer({ piece: boom }).noticesOf('PolicyFailed')
    expect(notice).toMatchObject({ policy: 'piece', message: 'boom' })
  })

  it('may choose nothing: that is an answer', () => {
    const fixture = transfer({ piece: () => O.none, choke: () => new Set(), peer: () => [] })
    expect(fixture.noticesOf('PolicyFailed')).toEqual([])
    expect(fixture.model.phase).toBe('downloading')
    expect(fixture.effectsOf('Dial')).toEqual([])
  })

  it('that chokes may name anybody: only who is there and interested counts, up to the slots', () => {
    const fixture = checkedFixture({
      pieces: 1,
      have: 'x',
      policies: { choke: () => new Set(Array.from({ length: 1_000 }, (_, key) => key)) },
    })
    const peers = Array.from({ length: 20 }, (_, i) => {
      const peer = fixture.peer({ has: '0' })
      if (i !== 3) peer.says({ _tag: 'Interested' })
      return peer
    })
    fixture.pass(10_000)
    expect(peers.filter((peer) => peer.model()?.amChoking === false)).toHaveLength(8)
    expect(peers[3]!.model()!.amChoking).toBe(true)
  })
})
