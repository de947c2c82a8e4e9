import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { AnnounceRequest, AnnounceResponse } from '../../../src/codecs/announce.js'
import type { TrackerError } from '../../../src/streams/deps.js'
import {
  createVirtualClock,
  createVirtualTracker,
  type VirtualClock,
  type VirtualTracker,
  type VirtualTrackerOptions,
} from '../../../src/streams/virtual/index.js'

const URL_A = 'http://a.test/announce'
const URL_B = 'udp://b.test:80'
const infohash = new Uint8Array(20).fill(1)

const request = (more: Partial<AnnounceRequest> = {}): AnnounceRequest => ({
  infohash,
  peerId: new Uint8Array(20),
  port: 6_881,
  uploaded: 0,
  downloaded: 0,
  left: 100,
  event: undefined,
  numWant: 50,
  key: 1,
  trackerId: undefined,
  ...more,
})

interface Lab {
  readonly clock: VirtualClock
  readonly tracker: VirtualTracker
  readonly announce: (
    host: string,
    more?: Partial<AnnounceRequest>,
    url?: string,
  ) => AnnounceResponse | TrackerError
}

const lab = (options: Partial<VirtualTrackerOptions> = {}): Lab => {
  const clock = createVirtualClock()
  const tracker = createVirtualTracker({ clock, seed: 1, ...options })
  return {
    clock,
    tracker,
    announce: (host, more, url = URL_A) => {
      const answers: Array<AnnounceResponse | TrackerError> = []
      let isDone = false
      tracker
        .client(host)
        .announce(url, request(more))
        .subscribe({
          next: (answer) => {
            answers.push(E.isLeft(answer) ? answer.left : answer.right)
          },
          error: expect.unreachable,
          complete: () => {
            isDone = true
          },
        })
      expect(clock.run(() => isDone)).toBe(true)
      expect(answers).toHaveLength(1)
      return answers[0]!
    },
  }
}

const hosts = (answer: AnnounceResponse | TrackerError): ReadonlyArray<string> =>
  'peers' in answer ? answer.peers.map(({ host }) => host).toSorted() : [answer._tag]

describe('createVirtualTracker', () => {
  it('tells each peer about the others, never about itself', () => {
    const { announce } = lab()
    expect(hosts(announce('1', { event: 'started' }))).toEqual([])
    expect(hosts(announce('2', { event: 'started' }))).toEqual(['1'])
    expect(hosts(announce('1', { port: 7_000 }))).toEqual(['1', '2'])
    expect(hosts(announce('1'))).toEqual(['1', '2'])
  })

  it('counts seeds and leeches', () => {
    const { announce, tracker } = lab({ interval: 60, minInterval: 30 })
    announce('1', { left: 0 })
    announce('2')
    expect(announce('3')).toMatchObject({
      complete: 1,
      incomplete: 2,
      interval: 60,
      minInterval: 30,
      externalIp: '3',
    })
    expect(announce('2', { event: 'completed', left: 0 })).toMatchObject({ complete: 2, incomplete: 1 })
    expect(tracker.scrape(URL_A, infohash)).toEqual({ complete: 2, incomplete: 1 })
  })

  it('takes out who stops, and gives no peers for it', () => {
    const { announce } = lab()
    announce('1')
    announce('2')
    expect(hosts(announce('1', { event: 'stopped' }))).toEqual([])
    expect(hosts(announce('2'))).toEqual([])
  })

  it('keeps torrents and trackers apart', () => {
    const { announce, tracker } = lab()
    announce('1')
    expect(hosts(announce('2', { infohash: new Uint8Array(20) }))).toEqual([])
    expect(hosts(announce('2', {}, URL_B))).toEqual([])
    expect(tracker.scrape(URL_B, infohash)).toEqual({ complete: 0, incomplete: 1 })
  })

  it('gives as many peers as wanted, within its bound, all different', () => {
    const { announce } = lab({ maxPeers: 10 })
    for (let i = 0; i < 30; i++) announce(`peer ${String(i)}`)
    expect(hosts(announce('x', { numWant: 4 }))).toHaveLength(4)
    expect(hosts(announce('x', { numWant: 0 }))).toHaveLength(0)
    expect(hosts(announce('x', { numWant: -1 }))).toHaveLength(0)
    const all = hosts(announce('x', { numWant: 1_000 }))
    expect(new Set(all).size).toBe(10)
    expect(hosts(announce('x', { numWant: 1_000 }))).not.toEqual(all)
  })

  it('forgets a peer that has been silent for two intervals', () => {
    const { clock, announce } = lab({ interval: 60 })
    announce('1')
    clock.advanceBy(119_000)
    expect(hosts(announce('2'))).toEqual(['1'])
    clock.advanceBy(2_000)
    expect(announce('2')).toMatchObject({ incomplete: 1, peers: [] })
  })

  it('takes a round trip, and is cold', () => {
    const { clock, tracker } = lab({ latencyMs: 30 })
    const answer$ = tracker.client('1').announce(URL_A, request({ event: 'started' }))
    clock.advanceBy(100)
    expect(tracker.announces()).toEqual([])
    const seen: number[] = []
    answer$.subscribe({
      next: () => seen.push(clock.now()),
      error: expect.unreachable,
    })
    clock.run()
    expect(seen).toEqual([160])
    expect(tracker.announces()).toEqual([
      { at: 130, url: URL_A, host: '1', request: request({ event: 'started' }) },
    ])
  })

  it('aborts with the subscription', () => {
    const { clock, tracker } = lab()
    for (const ms of [0, 10, 25]) {
      const subscription = tracker
        .client('1')
        .announce(URL_A, request())
        .subscribe({ next: () => expect.unreachable(), error: expect.unreachable })
      clock.advanceBy(ms)
      subscription.unsubscribe()
      expect(clock.pending()).toBe(0)
    }
    expect(tracker.announces()).toHaveLength(1)
  })

  it('fails as told, and recovers', () => {
    const { clock, announce, tracker } = lab({ timeoutMs: 5_000 })
    const failure: TrackerError = { _tag: 'TrackerFailure', reason: 'not registered', retryInSeconds: 60 }
    tracker.fail(URL_A, failure)
    expect(announce('1')).toEqual(failure)
    expect(hosts(announce('1', {}, URL_B))).toEqual([])
    tracker.fail(URL_A, { _tag: 'TrackerTimeout' })
    const started = clock.now()
    expect(announce('1')).toEqual({ _tag: 'TrackerTimeout' })
    expect(clock.now() - started).toBe(5_000)
    tracker.restore(URL_A)
    expect(hosts(announce('1'))).toEqual([])
    expect(tracker.announces()).toHaveLength(2)
  })

  it('refuses URLs that no tracker has', () => {
    const { announce } = lab()
    expect(announce('1', {}, 'wss://tracker.test')).toEqual({ _tag: 'UnsupportedTracker', scheme: 'wss' })
    expect(announce('1', {}, 'http://')).toEqual({ _tag: 'InvalidTrackerUrl' })
  })
})
