import { EMPTY, map, merge, NEVER, of, type Observable, tap, throwError, timer } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { replay } from '../../src/operators/session/replay.js'
import type { StreamPolicy } from '../../src/operators/steer/policy.js'
import { stopAfterSeeding } from '../../src/operators/steer/stopAfterSeeding.js'
import { stopAtRatio } from '../../src/operators/steer/stopAtRatio.js'
import { createSwarm, type Swarm, type SwarmMember } from '../../src/streams/virtual/swarm.js'
import { makeTorrent } from '../support/makeTorrent.js'

const torrent = makeTorrent({
  pieceLength: 16_384,
  files: 20 * 16_384,
  trackers: ['http://tracker.test/announce'],
})

const large = makeTorrent({
  pieceLength: 16_384,
  files: 200 * 16_384,
  trackers: ['http://tracker.test/announce'],
})

/** One seed that is steered, and leechers. */
const steeredBy = (streamPolicies: ReadonlyArray<StreamPolicy>, leechers = 3): Swarm =>
  createSwarm({
    seed: 2,
    metainfo: torrent.metainfo,
    content: torrent.content,
    seeds: 1,
    leechers,
    network: { latencyMs: 20, link: { up: 100_000, down: 4_000_000 } },
    options: (member) => (member === 0 ? { streamPolicies } : {}),
  })

const failures = ({ notices }: SwarmMember): ReadonlyArray<string> =>
  notices.flatMap((notice) =>
    notice._tag === 'PolicyFailed' && notice.policy === 'stream' ? [notice.message] : [],
  )

describe('a stream policy', () => {
  it('steers the session: commands are in the log, and replay', () => {
    const ban: StreamPolicy = ({ notice$ }) =>
      notice$.pipe(
        map((notice) => ({ _tag: 'Ban', host: notice._tag === 'PeerConnected' ? notice.host : 'x' })),
      )
    const swarm = steeredBy([ban])
    swarm.world.clock.advanceBy(20_000)
    const { log, config, state } = swarm.members[0]!
    expect(state()!.peers).toEqual([])
    expect(state()!.totals.uploaded).toBe(0)
    expect(log.some((event) => event._tag === 'Command' && event.command._tag === 'Ban')).toBe(true)
    expect([...replay(config()!, log)].at(-1)!.state.totals).toEqual(state()!.totals)
    swarm.end()
  })

  it('sees the first state, and every notice from the first event on', () => {
    const seen: string[] = []
    const watch: StreamPolicy = ({ state$, notice$ }) =>
      merge(
        state$.pipe(tap(({ phase }) => seen.push(phase))),
        notice$.pipe(tap(({ _tag }) => seen.push(_tag))),
      ).pipe(map(() => ({ _tag: 'Ban', host: 'nobody' })))
    const swarm = steeredBy([watch])
    swarm.world.clock.advanceBy(1_000)
    expect(seen[0]).toBe('opening')
    expect(seen).toContain('CheckDone')
    swarm.end()
  })

  it('may talk before anything has happened', () => {
    const swarm = steeredBy([() => of({ _tag: 'Stop' })])
    swarm.world.clock.advanceBy(10_000)
    const { log, state } = swarm.members[0]!
    expect(log[0]!._tag).toBe('Started')
    expect(log.find(({ _tag }) => _tag === 'Command')!.at).toBe(log[0]!.at)
    expect(state()!.phase).toBe('stopped')
    swarm.end()
  })

  it.each<[string, StreamPolicy, RegExp]>([
    [
      'throws',
      () => {
        throw new Error('boom')
      },
      /^boom$/,
    ],
    [
      'errors later',
      ({ clock }) =>
        timer(500, clock).pipe(
          map(() => {
            throw new Error('later')
          }),
        ),
      /^later$/,
    ],
    ['errors at once', () => throwError(() => new Error('at once')), /^at once$/],
    ['answers no stream', () => undefined as unknown as Observable<never>, /stream was expected/],
    ['gives nonsense', () => of({ _tag: 'AddPeers' }) as never, /^a malformed AddPeers$/],
    [
      'answers each state with what makes another',
      ({ state$ }) => state$.pipe(map(() => ({ _tag: 'Ban', host: 'x' }) as const)),
      /^never$/,
    ],
    [
      'feeds itself',
      ({ notice$ }) =>
        merge(of(1), notice$).pipe(
          map(() => ({ _tag: 'ReportFailure', policy: 'stream', message: 'again' })),
        ),
      /^(again|too many commands within a second)$/,
    ],
  ])('that %s is survived, by the session and by the other policies', (_, bad, message) => {
    const swarm = steeredBy([bad, stopAfterSeeding(60_000)])
    const [seed, ...leechers] = swarm.members
    expect(
      swarm.world.clock.run(
        () => leechers.every(({ state }) => state()?.progress.isComplete === true),
        50_000,
      ),
    ).toBe(true)
    for (const told of failures(seed!)) expect(told).toMatch(message)
    if (message.source !== '^never$') expect(failures(seed!).length).toBeGreaterThan(0)
    expect(failures(seed!).length).toBeLessThanOrEqual(1_001)
    swarm.world.clock.advanceBy(65_000)
    expect(seed!.state()!.phase).toBe('stopped')
    swarm.end()
  })

  it('ends with the session, and leaves no timer', () => {
    let isOff = false
    const idle: StreamPolicy = () => NEVER.pipe(tap({ unsubscribe: () => (isOff = true) }))
    const swarm = steeredBy([idle, stopAfterSeeding(1e9), () => EMPTY])
    swarm.world.clock.advanceBy(5_000)
    swarm.end()
    expect(isOff).toBe(true)
    expect(swarm.world.clock.pending()).toBe(0)
  })

  it('that stops at a ratio does so in a swarm', () => {
    const swarm = createSwarm({
      seed: 2,
      metainfo: large.metainfo,
      content: large.content,
      seeds: 1,
      leechers: 6,
      network: { latencyMs: 20, link: { up: 300_000, down: 4_000_000 }, windowSize: 65_536 },
      options: (member) => (member === 0 ? { streamPolicies: [stopAtRatio(1)] } : {}),
    })
    const [seed] = swarm.members
    expect(swarm.world.clock.run(() => seed!.state()?.phase === 'stopped', 10 * 60_000)).toBe(true)
    const { uploaded } = seed!.state()!.totals
    expect(uploaded).toBeGreaterThanOrEqual(large.content.length)
    expect(uploaded).toBeLessThan(1.5 * large.content.length)
    swarm.end()
  })
})
