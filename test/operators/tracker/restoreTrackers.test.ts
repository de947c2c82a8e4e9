import { describe, expect, it } from 'vitest'
import { addTrackers, removeTracker } from '../../../src/operators/tracker/changeTrackers.js'
import { removedTrackers, restoreTrackers } from '../../../src/operators/tracker/restoreTrackers.js'
import { createTrackers, type Trackers } from '../../../src/operators/tracker/tiers.js'

const [A, B, C, D] = ['http://a.test/', 'http://b.test/', 'http://c.test/', 'http://d.test/'] as const
const OWN = [[A], [B]]
const fresh = (): Trackers => createTrackers(OWN, () => 0.5)
const urls = ({ tiers }: Trackers): ReadonlyArray<string> => tiers.flat().map(({ url }) => url)

describe('trackers of an earlier run', () => {
  it('come back, without those that were removed; what the torrent has new stays', () => {
    const trackers = fresh()
    restoreTrackers(trackers, OWN, { trackers: [[C]], removedTrackers: [A] }, 0)
    expect(urls(trackers)).toEqual([B, C])
    expect(removedTrackers(trackers, OWN)).toEqual([A])
  })

  it('do not count against what the user has said since', () => {
    const trackers = fresh()
    removeTracker(trackers, A, 0)
    addTrackers(trackers, [A, D], 0)
    removeTracker(trackers, B, 0)
    restoreTrackers(trackers, OWN, { trackers: [[B], [C]], removedTrackers: [A] }, 0)
    expect(urls(trackers)).toEqual([A, D, C])
  })

  it('that the torrent does not have are removed in vain', () => {
    const trackers = fresh()
    restoreTrackers(trackers, OWN, { trackers: OWN, removedTrackers: [D] }, 0)
    expect(urls(trackers)).toEqual([A, B])
    expect(removedTrackers(trackers, OWN)).toEqual([])
  })
})
