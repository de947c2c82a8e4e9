import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { metadataReasons, metadataReasonText } from '../../../src/operators/metadata/reasons.js'
import type { MetadataPeerState } from '../../../src/operators/metadata/state.js'
import type { TrackerState } from '../../../src/operators/tracker/tiers.js'

const tracker = (status: TrackerState['status']): TrackerState => ({
  tier: 0,
  url: 'http://t.example/',
  status,
  lastError: O.none,
  seeders: O.none,
  leechers: O.none,
  nextAnnounceAt: O.none,
  peersReceived: 0,
})

const peer = (size: number | undefined, isResting = false): MetadataPeerState => ({
  host: '192.0.2.1',
  port: 1,
  direction: 'outgoing',
  client: 'x',
  size: O.fromNullable(size),
  received: 0,
  isResting,
})

const nothing = { peers: [], candidates: 0, trackers: [], wrong: 0 }

describe('metadataReasons', () => {
  it.each([
    [nothing, false, 'no tracker in this link and no peer: nobody to ask'],
    [nothing, true, 'no peers known yet'],
    [{ ...nothing, trackers: [tracker('announcing')] }, false, 'no peers known yet'],
    [
      { ...nothing, trackers: [tracker('failed'), tracker('failed')] },
      false,
      'no peers known; 2 of 2 trackers failed',
    ],
    [{ ...nothing, candidates: 1 }, false, 'none of 1 known peer has answered yet'],
    [{ ...nothing, peers: [peer(undefined)] }, false, '1 peer connected, without metadata so far'],
    [
      { ...nothing, peers: [peer(5, true), peer(5, true), peer(undefined)] },
      false,
      '2 peers with metadata, and none sends it',
    ],
    [{ ...nothing, peers: [peer(5, true), peer(5)] }, false, ''],
    [
      { ...nothing, wrong: 1, peers: [peer(5)] },
      false,
      'metadata came and was wrong 1 time; its senders are asked one by one',
    ],
  ])('of %j, sources %j: %s', (seen, hasSources, text) => {
    expect(metadataReasons(seen, hasSources).map(metadataReasonText).join('; ')).toBe(text)
  })
})
