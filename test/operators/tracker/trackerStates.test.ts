import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import {
  announceFailed,
  announceSucceeded,
  dueAnnounces,
  requestEvent,
} from '../../../src/operators/tracker/announceSchedule.js'
import { createTrackers } from '../../../src/operators/tracker/tiers.js'
import { trackerStates } from '../../../src/operators/tracker/trackerStates.js'
import { CONTEXT, noChance, RESPONSE } from './fixtures.js'

describe('trackerStates', () => {
  it('follows each tracker', () => {
    const trackers = createTrackers([['a'], ['b'], ['c']], noChance)
    const statuses = () => trackerStates(trackers).map((state) => state.status)
    expect(statuses()).toEqual(['idle', 'idle', 'idle'])

    requestEvent(trackers, 'started', 0)
    const [first] = dueAnnounces(trackers, 0, CONTEXT)
    expect(statuses()).toEqual(['announcing', 'idle', 'idle'])

    announceFailed(trackers, first?.id ?? 0, { _tag: 'TrackerTimeout' }, 10)
    const [second] = dueAnnounces(trackers, 10, CONTEXT)
    expect(statuses()).toEqual(['failed', 'announcing', 'idle'])

    const peers = [{ host: '1.2.3.4', port: 5 }]
    announceSucceeded(trackers, second?.id ?? 0, { ...RESPONSE, complete: 7, incomplete: 8, peers }, 20)
    expect(trackerStates(trackers)).toEqual([
      {
        tier: 0,
        url: 'a',
        status: 'failed',
        lastError: O.some({ _tag: 'TrackerTimeout' }),
        seeders: O.none,
        leechers: O.none,
        nextAnnounceAt: O.some(15_010),
        peersReceived: 0,
      },
      {
        tier: 1,
        url: 'b',
        status: 'working',
        lastError: O.none,
        seeders: O.some(7),
        leechers: O.some(8),
        nextAnnounceAt: O.some(1_800_020),
        peersReceived: 1,
      },
      {
        tier: 2,
        url: 'c',
        status: 'idle',
        lastError: O.none,
        seeders: O.none,
        leechers: O.none,
        nextAnnounceAt: O.none,
        peersReceived: 0,
      },
    ])
  })

  it('is the same array until something changes', () => {
    const trackers = createTrackers([['a']], noChance)
    requestEvent(trackers, 'started', 0)
    const before = trackerStates(trackers)
    expect(trackerStates(trackers)).toBe(before)
    const [due] = dueAnnounces(trackers, 0, CONTEXT)
    const during = trackerStates(trackers)
    expect(during).not.toBe(before)
    dueAnnounces(trackers, 1, CONTEXT)
    expect(trackerStates(trackers)).toBe(during)
    announceSucceeded(trackers, due?.id ?? 0, RESPONSE, 2)
    expect(trackerStates(trackers)).not.toBe(during)
  })
})
