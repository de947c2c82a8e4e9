import {
  BehaviorSubject,
  concat,
  delay,
  EMPTY,
  NEVER,
  type Observable,
  of,
  ReplaySubject,
  throwError,
} from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { PeerAddress } from '../../../src/codecs/peerAddress.js'
import type { SwarmView } from '../../../src/operators/peer/source.js'
import { dhtSource } from '../../../src/streams/dht/dhtSource.js'
import { createVirtualClock } from '../../../src/streams/virtual/clock.js'

const MINUTE = 60_000
const peer: PeerAddress = { host: '192.0.2.1', port: 6_881 }
const infohash = new Uint8Array(20).fill(3)

const setUp = (
  port?: number,
  wants = true,
  found$: Observable<PeerAddress> = of(peer),
  more: Partial<SwarmView> = {},
) => {
  const clock = createVirtualClock()
  const port$ = new ReplaySubject<number>(1)
  if (port !== undefined) port$.next(port)
  const wantsPeers$ = new BehaviorSubject(wants)
  const asked: string[] = []
  const seen: PeerAddress[] = []
  const log = (what: string): Observable<PeerAddress> => {
    asked.push(`${what} ${String(Math.round(clock.now() / 1_000))}`)
    return concat(found$, EMPTY.pipe(delay(2_000, clock)))
  }
  const source = dhtSource({
    lookup: () => log('lookup'),
    announce: (_, announced, { seed = false } = {}) =>
      log(`announce ${String(announced)}${seed ? ' as a seed' : ''}`),
  })
  const swarm: SwarmView = { infohash, port$, wantsPeers$, clock, ...more }
  const subscription = source.find(swarm).subscribe({
    next: (peers) => seen.push(...peers),
    error: (thrown: unknown) => {
      throw thrown
    },
  })
  return { clock, port$, wantsPeers$, asked, seen, subscription, source }
}

describe('dhtSource', () => {
  it('is public, and called what it is', () => {
    expect(setUp().source).toMatchObject({ name: 'dht', isPublic: true })
  })

  it('announces the port at once, and every quarter of an hour', () => {
    const { clock, asked, seen } = setUp(6_882, false)
    clock.advanceBy(50 * MINUTE)
    expect(asked).toEqual([
      'announce 6882 0',
      'announce 6882 900',
      'announce 6882 1800',
      'announce 6882 2700',
    ])
    expect(seen).toHaveLength(4)
  })

  it('looks for peers while they are wanted, ever less often', () => {
    const { clock, asked, wantsPeers$ } = setUp()
    clock.advanceBy(20 * MINUTE)
    const at = [0, 15, 45, 105, 225, 465, 945]
    expect(asked).toEqual(at.map((second) => `lookup ${String(second)}`))
    wantsPeers$.next(false)
    clock.advanceBy(60 * MINUTE)
    expect(asked).toHaveLength(7)
  })

  it('announces anew where the port changes, and lets an announce in time stand', () => {
    const { clock, asked, port$, wantsPeers$ } = setUp(1, false)
    clock.advanceBy(MINUTE)
    wantsPeers$.next(true)
    clock.advanceBy(1_000)
    port$.next(2)
    clock.advanceBy(1_000)
    expect(asked).toEqual(['announce 1 0', 'lookup 60', 'announce 2 61'])
  })

  it('announces the port outside where a gateway leads another one inside', () => {
    const externalPort$ = new BehaviorSubject(1)
    const { clock, asked } = setUp(1, false, EMPTY, { externalPort$ })
    clock.advanceBy(MINUTE)
    externalPort$.next(50_000)
    clock.advanceBy(1_000)
    expect(asked).toEqual(['announce 1 0', 'announce 50000 60'])
  })

  it('says that we are a seed, as soon as we are one (BEP 33)', () => {
    const isSeed$ = new BehaviorSubject(false)
    const { clock, asked } = setUp(1, false, EMPTY, { isSeed$ })
    clock.advanceBy(MINUTE)
    isSeed$.next(true)
    clock.advanceBy(16 * MINUTE)
    expect(asked).toEqual(['announce 1 0', 'announce 1 as a seed 60', 'announce 1 as a seed 960'])
    expect(setUp(1, false, EMPTY, { isSeed$ }).asked).toEqual(['announce 1 as a seed 0'])
  })

  it('is silent once it is left', () => {
    const { clock, asked, subscription } = setUp(1)
    clock.advanceBy(1_000)
    subscription.unsubscribe()
    clock.advanceBy(60 * MINUTE)
    expect(asked).toHaveLength(1)
    expect(clock.pending()).toBe(0)
  })

  it('begins nothing twice while a search goes on', () => {
    const { clock, asked } = setUp(undefined, true, NEVER)
    clock.advanceBy(60 * MINUTE)
    expect(asked).toEqual(['lookup 0'])
  })

  it('ends as the node does that breaks', () => {
    const clock = createVirtualClock()
    const broken = dhtSource({ lookup: () => throwError(() => new Error('broken')), announce: () => EMPTY })
    const errors: unknown[] = []
    broken
      .find({ infohash, port$: NEVER, wantsPeers$: of(true), clock })
      .subscribe({ error: (thrown: unknown) => errors.push(thrown) })
    expect(errors).toEqual([new Error('broken')])
  })
})
