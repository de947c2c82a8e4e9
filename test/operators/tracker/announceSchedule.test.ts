import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import type { AnnounceResponse } from '../../../src/codecs/announce.js'
import type { TrackerError } from '../../../src/codecs/trackerError.js'
import { createPrng } from '../../../src/operators/random.js'
import type { AnnounceDue } from '../../../src/operators/tracker/announceSchedule.js'
import {
  announceFailed,
  announceSoon,
  announceSucceeded,
  dueAnnounces,
  isStopAnnounced,
  requestEvent,
  spreadAnnounces,
} from '../../../src/operators/tracker/announceSchedule.js'
import type { Trackers } from '../../../src/operators/tracker/tiers.js'
import { createTrackers } from '../../../src/operators/tracker/tiers.js'
import { CONTEXT, noChance, RESPONSE } from './fixtures.js'

const TIMEOUT: TrackerError = { _tag: 'TrackerTimeout' }
const SECOND = 1_000
const HOUR = 3_600 * SECOND

const started = (tiers: readonly (readonly string[])[], random = noChance): Trackers => {
  const trackers = createTrackers(tiers, random)
  requestEvent(trackers, 'started', 0)
  return trackers
}

const only = (due: readonly AnnounceDue[]): AnnounceDue => {
  expect(due.length).toBe(1)
  return due[0]!
}

/** Asks once at `now` and answers at once. */
const succeed = (trackers: Trackers, now: number, response: Partial<AnnounceResponse> = {}): AnnounceDue => {
  const due = only(dueAnnounces(trackers, now, CONTEXT))
  announceSucceeded(trackers, due.id, { ...RESPONSE, ...response }, now)
  return due
}

const fail = (trackers: Trackers, now: number, error: TrackerError = TIMEOUT): AnnounceDue => {
  const due = only(dueAnnounces(trackers, now, CONTEXT))
  announceFailed(trackers, due.id, error, now)
  return due
}

/** The first millisecond, to the second, at which an announce is due. */
const nextDue = (trackers: Trackers, from: number, wantPeers = false): number => {
  for (let now = from; now < from + 3 * HOUR; now += SECOND) {
    const [due] = dueAnnounces(trackers, now, { ...CONTEXT, wantPeers })
    if (due !== undefined) return now - from
  }
  return Infinity
}

describe('dueAnnounces', () => {
  it('says that a partial seed is one (BEP 21), once the tracker knows of it', () => {
    const trackers = started([['a']])
    const partial = { ...CONTEXT, isPartialSeed: true }
    const first = only(dueAnnounces(trackers, 0, partial))
    announceSucceeded(trackers, first.id, RESPONSE, 0)
    const second = only(dueAnnounces(trackers, HOUR, partial))
    announceSucceeded(trackers, second.id, RESPONSE, HOUR)
    requestEvent(trackers, 'stopped', HOUR)
    const last = only(dueAnnounces(trackers, HOUR, partial))
    expect([first, second, last].map(({ request }) => request.event)).toEqual([
      'started',
      'paused',
      'stopped',
    ])
  })

  it('has nothing to do before the start, without trackers, and while one is asked', () => {
    expect(dueAnnounces(createTrackers([['a']], noChance), 0, CONTEXT)).toEqual([])
    expect(dueAnnounces(started([]), 0, CONTEXT)).toEqual([])
    const trackers = started([['a', 'b'], ['c']])
    only(dueAnnounces(trackers, 0, CONTEXT))
    expect(dueAnnounces(trackers, HOUR, { ...CONTEXT, wantPeers: true })).toEqual([])
  })

  it('announces `started` first and nothing special after', () => {
    const trackers = started([['a']])
    expect(succeed(trackers, 0)).toMatchObject({
      url: 'a',
      request: { event: 'started', numWant: 50, left: 3 },
    })
    expect(succeed(trackers, HOUR).request.event).toBeUndefined()
  })

  it('says `started` to each tracker that has not answered it', () => {
    const trackers = started([['a'], ['b']])
    expect(fail(trackers, 0)).toMatchObject({ url: 'a', request: { event: 'started' } })
    expect(succeed(trackers, 0)).toMatchObject({ url: 'b', request: { event: 'started' } })
    expect(succeed(trackers, HOUR)).toMatchObject({ url: 'a', request: { event: 'started' } })
  })

  it('hands the tracker id back to the tracker that gave it', () => {
    const trackers = started([['a']])
    expect(succeed(trackers, 0, { trackerId: 'x' }).request.trackerId).toBeUndefined()
    expect(succeed(trackers, HOUR).request.trackerId).toBe('x')
    expect(succeed(trackers, 2 * HOUR).request.trackerId).toBe('x')
  })

  it.each([
    [0, undefined, 60],
    [-1, undefined, 60],
    [59, undefined, 60],
    [90, undefined, 90],
    [7_200, undefined, 3_600],
    [2 ** 53, undefined, 3_600],
    [90, 300, 300],
    [90, 2 ** 53, 3_600],
  ])('waits, for interval %s and min interval %s, %i s', (interval, minInterval, seconds) => {
    const trackers = started([['a']])
    succeed(trackers, 0, { interval, minInterval })
    expect(nextDue(trackers, 0)).toBe(seconds * SECOND)
  })

  it.each([
    [undefined, 300],
    [100, 100],
    [0, 60],
    [2_000, 2_000],
  ])('asks sooner where peers are wanted: min interval %s → %i s', (minInterval, seconds) => {
    const trackers = started([['a']])
    succeed(trackers, 0, { minInterval })
    expect(nextDue(trackers, 0, true)).toBe(seconds * SECOND)
  })
})

describe('BEP 12', () => {
  it('tries all of a tier before the next, and begins at the front each time', () => {
    const trackers = started(
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
      () => 0.999,
    )
    expect([fail(trackers, 0), fail(trackers, 0), fail(trackers, 0)].map((due) => due.url)).toEqual([
      'a',
      'b',
      'c',
    ])
    expect(succeed(trackers, 0).url).toBe('d')
    expect(fail(trackers, HOUR).url).toBe('a')
    expect(succeed(trackers, HOUR).url).toBe('b')
    expect(succeed(trackers, 2 * HOUR).url).toBe('b')
  })

  test.prop([fc.array(fc.array(fc.boolean(), { maxLength: 4 }), { maxLength: 4 }), fc.nat()])(
    'asks one tracker at a time, a later tier only while the earlier ones are failing',
    (tiers, seed) => {
      const isAlive = new Map<string, boolean>()
      const named = tiers.map((tier, i) =>
        tier.map((alive, j) => {
          isAlive.set(`${String(i)}/${String(j)}`, alive)
          return `${String(i)}/${String(j)}`
        }),
      )
      const { next } = createPrng(seed)
      const trackers = started(named, next)
      const failing = new Set<string>()
      const tierOf = (url: string): number => Number(url.split('/')[0])
      for (let now = 0; now < 4 * HOUR; now += 10 * SECOND) {
        for (let turn = 0; ; turn++) {
          expect(turn).toBeLessThanOrEqual(isAlive.size)
          const [due, ...more] = dueAnnounces(trackers, now, { ...CONTEXT, wantPeers: next() < 0.5 })
          expect(more).toEqual([])
          if (due === undefined) break
          for (const url of isAlive.keys()) {
            if (tierOf(url) < tierOf(due.url)) expect(failing.has(url)).toBe(true)
          }
          if (isAlive.get(due.url) === true) {
            failing.delete(due.url)
            announceSucceeded(trackers, due.id, RESPONSE, now)
          } else {
            failing.add(due.url)
            announceFailed(trackers, due.id, TIMEOUT, now)
          }
        }
      }
      // Someone answered where someone could.
      expect(trackers.current !== undefined).toBe([...isAlive.values()].includes(true))
    },
  )
})

describe('announceFailed', () => {
  test.prop([fc.nat(), fc.boolean(), fc.integer({ min: 1, max: 5 })])(
    'makes no storm: a dead tracker is asked at most 12 times in an hour',
    (seed, wantPeers, count) => {
      const urls = Array.from({ length: count }, (_, i) => `t${String(i)}`)
      const trackers = started([urls], createPrng(seed).next)
      const asked = new Map<string, number>()
      for (let now = 0; now < HOUR; now += SECOND) {
        for (;;) {
          const [due] = dueAnnounces(trackers, now, { ...CONTEXT, wantPeers })
          if (due === undefined) break
          asked.set(due.url, (asked.get(due.url) ?? 0) + 1)
          announceFailed(trackers, due.id, TIMEOUT, now)
        }
      }
      for (const url of urls) {
        expect(asked.get(url)).toBeGreaterThanOrEqual(7)
        expect(asked.get(url)).toBeLessThanOrEqual(12)
      }
    },
  )

  it('waits 15 s, then twice as long each time, an hour at most, with jitter', () => {
    const delays = (chance: number): readonly number[] => {
      const trackers = started([['a']], () => chance)
      let now = 0
      return Array.from({ length: 11 }, () => {
        fail(trackers, now)
        expect(dueAnnounces(trackers, now, CONTEXT)).toEqual([])
        const delay = trackers.nextAt - now
        now += delay
        return delay / SECOND
      })
    }
    expect(delays(0)).toEqual([15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600])
    expect(delays(0.5).slice(0, 3)).toEqual([16.875, 33.75, 67.5])
  })

  it('begins anew after a success', () => {
    const trackers = started([['a']])
    fail(trackers, 0)
    fail(trackers, HOUR)
    succeed(trackers, 2 * HOUR)
    fail(trackers, 3 * HOUR)
    expect(nextDue(trackers, 3 * HOUR)).toBe(15 * SECOND)
  })

  it.each([
    [600, 600 * SECOND],
    [0, 60 * SECOND],
    [-5, 60 * SECOND],
    [Infinity, Infinity],
  ])('does what the tracker says: retry in %d s', (retryInSeconds, delay) => {
    const trackers = started([['a']])
    fail(trackers, 0, { _tag: 'TrackerFailure', reason: 'no', retryInSeconds })
    expect(nextDue(trackers, 0)).toBe(delay)
  })

  it('never asks a tracker again that cannot be asked', () => {
    const trackers = started([['ftp://x']])
    fail(trackers, 0, { _tag: 'UnsupportedTracker', scheme: 'ftp' })
    expect(nextDue(trackers, 0)).toBe(Infinity)
  })

  it('ignores ids that are not under way', () => {
    const trackers = started([['a']])
    const { id } = succeed(trackers, 0)
    announceFailed(trackers, id, TIMEOUT, 0)
    announceSucceeded(trackers, 99, RESPONSE, 0)
    expect(nextDue(trackers, 0)).toBe(1800 * SECOND)
  })
})

describe('requestEvent', () => {
  it('tells the tracker in use of completion, at once and once', () => {
    const trackers = started([['a']])
    succeed(trackers, 0)
    requestEvent(trackers, 'completed', 5 * SECOND)
    expect(succeed(trackers, 5 * SECOND).request.event).toBe('completed')
    expect(succeed(trackers, HOUR).request.event).toBeUndefined()
  })

  it('repeats a completion that was not heard', () => {
    const trackers = started([['a']])
    succeed(trackers, 0)
    requestEvent(trackers, 'completed', SECOND)
    fail(trackers, SECOND)
    expect(dueAnnounces(trackers, SECOND, CONTEXT)).toEqual([])
    expect(succeed(trackers, 16 * SECOND).request.event).toBe('completed')
  })

  it('tells of completion also when it comes while a tracker is being asked', () => {
    const trackers = started([['a']])
    succeed(trackers, 0)
    const due = only(dueAnnounces(trackers, HOUR, CONTEXT))
    requestEvent(trackers, 'completed', HOUR)
    announceSucceeded(trackers, due.id, RESPONSE, HOUR)
    expect(succeed(trackers, HOUR).request.event).toBe('completed')
  })

  it('says no `completed` to a tracker that starts with us complete', () => {
    const trackers = started([['a']])
    requestEvent(trackers, 'completed', 0)
    expect(succeed(trackers, 0).request.event).toBe('started')
    expect(nextDue(trackers, 0)).toBe(1800 * SECOND)
  })

  it('says `stopped` to those that answered `started`, once, and then nothing', () => {
    const trackers = started([['a'], ['b'], ['c']])
    fail(trackers, 0)
    succeed(trackers, 0)
    succeed(trackers, HOUR)
    requestEvent(trackers, 'stopped', HOUR)
    expect(isStopAnnounced(trackers)).toBe(false)
    const stops = dueAnnounces(trackers, HOUR, CONTEXT)
    expect(stops.map((due) => [due.url, due.request.event, due.request.numWant])).toEqual([
      ['a', 'stopped', 0],
      ['b', 'stopped', 0],
    ])
    expect(dueAnnounces(trackers, 9 * HOUR, { ...CONTEXT, wantPeers: true })).toEqual([])
    expect(isStopAnnounced(trackers)).toBe(false)
    announceSucceeded(trackers, stops[0]!.id, RESPONSE, HOUR)
    announceFailed(trackers, stops[1]!.id, TIMEOUT, HOUR)
    expect(isStopAnnounced(trackers)).toBe(true)
    expect(dueAnnounces(trackers, 9 * HOUR, CONTEXT)).toEqual([])
  })

  it('takes leave of a tracker that answers after the stop', () => {
    const trackers = started([['a']])
    const due = only(dueAnnounces(trackers, 0, CONTEXT))
    requestEvent(trackers, 'stopped', 0)
    expect(dueAnnounces(trackers, 0, CONTEXT)).toEqual([])
    announceSucceeded(trackers, due.id, RESPONSE, SECOND)
    expect(only(dueAnnounces(trackers, SECOND, CONTEXT)).request.event).toBe('stopped')
  })

  it('starts again with `started`', () => {
    const trackers = started([['a']])
    succeed(trackers, 0)
    requestEvent(trackers, 'stopped', 0)
    announceSucceeded(trackers, only(dueAnnounces(trackers, 0, CONTEXT)).id, RESPONSE, 0)
    requestEvent(trackers, 'started', HOUR)
    expect(succeed(trackers, HOUR).request.event).toBe('started')
  })

  it('keeps at most 50 announces under way', () => {
    const urls = Array.from({ length: 120 }, (_, i) => `t${String(i)}`)
    const trackers = started([urls])
    for (const tracker of trackers.tiers.flat()) tracker.isStarted = true
    requestEvent(trackers, 'stopped', 0)
    const seen: string[] = []
    for (;;) {
      const due = dueAnnounces(trackers, 0, CONTEXT)
      if (due.length === 0) break
      expect(due.length).toBeLessThanOrEqual(50)
      expect(dueAnnounces(trackers, 0, CONTEXT)).toEqual([])
      for (const { id, url } of due) {
        seen.push(url)
        announceSucceeded(trackers, id, RESPONSE, 0)
      }
    }
    expect(seen.sort()).toEqual(urls.sort())
  })
})

describe('spreadAnnounces', () => {
  const MINUTE = 60 * SECOND

  it('spreads over a minute what came due while nobody looked', () => {
    const delays = Array.from({ length: 200 }, (_, seed) => {
      const trackers = started([['a']], createPrng(seed).next)
      succeed(trackers, 0)
      const woken = 5 * HOUR
      spreadAnnounces(trackers, 10 * MINUTE, woken)
      return nextDue(trackers, woken)
    })
    expect(Math.max(...delays)).toBeLessThanOrEqual(MINUTE)
    for (let from = 0; from < MINUTE; from += 15 * SECOND) {
      const inPart = delays.filter((delay) => delay >= from && delay < from + 15 * SECOND).length
      expect(inPart).toBeGreaterThan(25)
    }
  })

  it('leaves alone what is not due yet, what was due before, and what is never', () => {
    const later = started([['a']])
    succeed(later, 0, { interval: 3_600 })
    spreadAnnounces(later, MINUTE, 10 * MINUTE)
    expect(nextDue(later, 10 * MINUTE)).toBe(50 * MINUTE)

    const before = started([['a']])
    spreadAnnounces(before, MINUTE, HOUR)
    expect(nextDue(before, HOUR)).toBe(0)

    const idle = createTrackers([['a']], noChance)
    spreadAnnounces(idle, 0, HOUR)
    expect(nextDue(idle, HOUR)).toBe(Infinity)
  })
})

describe('announceSoon', () => {
  it('asks again at once, and then not before the tracker allows it', () => {
    const trackers = started([['a']])
    succeed(trackers, 0, { minInterval: 120 })
    announceSoon(trackers, 10 * SECOND)
    succeed(trackers, 10 * SECOND, { minInterval: 120 })
    announceSoon(trackers, 11 * SECOND)
    expect(nextDue(trackers, 11 * SECOND)).toBe(119 * SECOND)
    const [id = 0] = trackers.inFlight.keys()
    announceSucceeded(trackers, id, RESPONSE, 130 * SECOND)
    expect(nextDue(trackers, 130 * SECOND)).toBe(1_800 * SECOND)
  })

  it('is not lost while an announce is under way', () => {
    const trackers = started([['a']])
    const due = only(dueAnnounces(trackers, 0, CONTEXT))
    announceSoon(trackers, 1)
    announceSucceeded(trackers, due.id, { ...RESPONSE, minInterval: 60 }, 2)
    expect(nextDue(trackers, 2)).toBe(0)
  })

  it('begins nothing that has not begun', () => {
    const trackers = createTrackers([['a']], noChance)
    announceSoon(trackers, 0)
    expect(dueAnnounces(trackers, HOUR, CONTEXT)).toEqual([])
  })
})
