import { describe, expect, it } from 'vitest'
import {
  announceFailed,
  announceSucceeded,
  dueAnnounces,
  isStopAnnounced,
  requestEvent,
} from '../../../src/operators/tracker/announceSchedule.js'
import {
  addTrackers,
  removeTracker,
  trackerUrlsProblem,
} from '../../../src/operators/tracker/changeTrackers.js'
import { createTrackers, type Trackers } from '../../../src/operators/tracker/tiers.js'
import { trackerStates } from '../../../src/operators/tracker/trackerStates.js'
import { CONTEXT, RESPONSE } from './fixtures.js'

const [A, B, C] = ['http://a.test/', 'http://b.test/', 'http://c.test/'] as const
const started = (...tiers: ReadonlyArray<ReadonlyArray<string>>): Trackers => {
  const trackers = createTrackers(tiers, () => 0.5)
  requestEvent(trackers, 'started', 0)
  return trackers
}
const due = (trackers: Trackers, now: number): ReadonlyArray<{ id: number; url: string; event: unknown }> =>
  dueAnnounces(trackers, now, CONTEXT).map(({ id, url, request }) => ({ id, url, event: request.event }))
const succeed = (trackers: Trackers, now: number, id = trackers.nextId - 1): void => {
  announceSucceeded(trackers, id, RESPONSE, now)
}
const fail = (trackers: Trackers, now: number): void => {
  announceFailed(trackers, trackers.nextId - 1, { _tag: 'TrackerTimeout' }, now)
}
const shown = (trackers: Trackers): ReadonlyArray<string> =>
  trackerStates(trackers).map(({ url, tier }) => `${String(tier)} ${url}`)

describe('addTrackers', () => {
  it('adds a tier, and shows it; what is known is left out', () => {
    const trackers = started([A])
    const before = trackerStates(trackers)
    addTrackers(trackers, [A], 0)
    expect(trackerStates(trackers)).toBe(before)
    addTrackers(trackers, [A, B, B], 0)
    addTrackers(trackers, [C], 0)
    expect(shown(trackers)).toEqual([`0 ${A}`, `1 ${B}`, `2 ${C}`])
  })

  it('is asked at once where no other works, else when those before it fail', () => {
    const trackers = started([A])
    due(trackers, 0)
    fail(trackers, 0)
    due(trackers, 1)
    addTrackers(trackers, [B], 2)
    expect(due(trackers, 2)).toMatchObject([{ url: B, event: 'started' }])

    const working = started([A])
    due(working, 0)
    succeed(working, 0)
    addTrackers(working, [B], 2)
    expect(due(working, 2)).toEqual([])
    expect(due(working, 1_800_000)).toMatchObject([{ url: A }])
    fail(working, 1_800_000)
    expect(due(working, 1_800_001)).toMatchObject([{ url: B, event: 'started' }])
  })

  it('waits for the session to be on', () => {
    const trackers = createTrackers([], () => 0.5)
    addTrackers(trackers, [A], 0)
    expect(due(trackers, 0)).toEqual([])
    requestEvent(trackers, 'started', 1)
    expect(due(trackers, 1)).toMatchObject([{ url: A, event: 'started' }])
  })

  it('refuses what is no list of URLs, or too long', () => {
    const trackers = started([A])
    const bad: ReadonlyArray<unknown> = [[], [''], [1], 'http://a.test/', undefined, ['x'.repeat(5_000)]]
    for (const urls of bad) expect(trackerUrlsProblem(trackers, urls as string[])).toBeTypeOf('string')
    const many = Array.from({ length: 1_000 }, (_, i) => `http://${String(i)}.test/`)
    expect(trackerUrlsProblem(trackers, many)).toBeTypeOf('string')
    expect(trackerUrlsProblem(trackers, [B])).toBeUndefined()
  })
})

describe('removeTracker', () => {
  it('tells a tracker that counts us in, and asks another in its place', () => {
    const trackers = started([A], [B])
    due(trackers, 0)
    succeed(trackers, 0)
    removeTracker(trackers, A, 5)
    expect(shown(trackers)).toEqual([`1 ${B}`])
    expect(due(trackers, 5)).toMatchObject([
      { url: A, event: 'stopped' },
      { url: B, event: 'started' },
    ])
    expect(due(trackers, 6), 'once').toEqual([])
    succeed(trackers, 6, 2)
    expect(trackers.leaving.size).toBe(0)
  })

  it('leaves alone one that never heard of us', () => {
    const trackers = started([A], [B])
    due(trackers, 0)
    succeed(trackers, 0)
    removeTracker(trackers, B, 5)
    expect(due(trackers, 5)).toEqual([])
    expect(trackers.leaving.size).toBe(0)
    removeTracker(trackers, C, 5)
    expect(shown(trackers)).toEqual([`0 ${A}`])
  })

  it('tells one that answers only afterwards, and waits for nobody with the next', () => {
    const trackers = started([A], [B])
    due(trackers, 0)
    removeTracker(trackers, A, 5)
    expect(due(trackers, 5)).toMatchObject([{ url: B, event: 'started' }])
    succeed(trackers, 6, 1)
    expect(due(trackers, 6)).toMatchObject([{ url: A, event: 'stopped' }])
  })

  it('does not keep one that fails', () => {
    const trackers = started([A])
    due(trackers, 0)
    removeTracker(trackers, A, 5)
    fail(trackers, 6)
    expect(trackers.leaving.size).toBe(0)
    expect(due(trackers, 1e9)).toEqual([])
  })

  it('holds up the end until it has heard', () => {
    const trackers = started([A])
    due(trackers, 0)
    succeed(trackers, 0)
    removeTracker(trackers, A, 5)
    requestEvent(trackers, 'stopped', 5)
    expect(isStopAnnounced(trackers)).toBe(false)
    expect(due(trackers, 5)).toMatchObject([{ url: A, event: 'stopped' }])
    expect(isStopAnnounced(trackers)).toBe(false)
    succeed(trackers, 6)
    expect(isStopAnnounced(trackers)).toBe(true)
  })

  it('lets one be added again, as one that is not known', () => {
    const trackers = started([A])
    due(trackers, 0)
    succeed(trackers, 0)
    removeTracker(trackers, A, 5)
    addTrackers(trackers, [A], 6)
    expect(due(trackers, 6)).toMatchObject([
      { url: A, event: 'stopped' },
      { url: A, event: 'started' },
    ])
    expect(shown(trackers)).toEqual([`1 ${A}`])
  })
})
