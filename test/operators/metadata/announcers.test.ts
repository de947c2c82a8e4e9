import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import {
  announcerFailed,
  announcerOf,
  announcerStates,
  announcerSucceeded,
  createAnnouncers,
  dueOfAll,
  startAnnouncers,
} from '../../../src/operators/metadata/announcers.js'
import type { AnnounceContext } from '../../../src/operators/tracker/announceSchedule.js'
import { RESPONSE as response } from '../tracker/fixtures.js'

const context: AnnounceContext = {
  infohash: new Uint8Array(20),
  peerId: new Uint8Array(20),
  port: 6_881,
  uploaded: 0,
  downloaded: 0,
  left: 1,
  isPartialSeed: false,
  numWant: 100,
  key: 1,
  wantPeers: true,
}

const urls = (count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, i) => `http://t${String(i)}.example/`)

describe('announcers', () => {
  it('ask every tracker of a link, each by itself', () => {
    const all = createAnnouncers(urls(3), () => 0.5)
    expect(dueOfAll(all, 0, context)).toEqual([])
    startAnnouncers(all, 0)
    const due = dueOfAll(all, 0, context)
    expect(due.map(({ url }) => url)).toEqual(urls(3))
    expect(new Set(due.map(({ id }) => id)).size).toBe(3)
    expect(due.map(({ id }) => announcerOf(all, id))).toEqual(urls(3))
    expect(dueOfAll(all, 1_000, context)).toEqual([])
    announcerSucceeded(all, due[0]!.id, response, 1_000)
    announcerFailed(all, due[1]!.id, { _tag: 'TrackerTimeout' }, 1_000)
    expect(announcerStates(all).map(({ tier, status }) => [tier, status])).toEqual([
      [0, 'working'],
      [1, 'failed'],
      [2, 'announcing'],
    ])
    // The one that failed is tried again; the one that works not before its time.
    const later = dueOfAll(all, 25_000, context)
    expect(later.map(({ url }) => url)).toEqual([urls(3)[1]])
    expect(announcerStates(all)[0]!.nextAnnounceAt).toEqual(O.some(1_801_000))
  })

  it('have at most 50 announces under way', () => {
    const all = createAnnouncers(urls(1_000), () => 0.5)
    startAnnouncers(all, 0)
    const first = dueOfAll(all, 0, context)
    expect(first).toHaveLength(50)
    expect(dueOfAll(all, 0, context)).toEqual([])
    for (const { id } of first) announcerSucceeded(all, id, response, 0)
    expect(dueOfAll(all, 0, context).map(({ url }) => url)).toEqual(urls(1_000).slice(50, 100))
  })

  it('pass over answers that nobody asked for', () => {
    for (const all of [createAnnouncers([], () => 0), createAnnouncers(urls(2), () => 0)]) {
      expect(announcerOf(all, 7)).toBeUndefined()
      announcerSucceeded(all, 7, response, 0)
      announcerFailed(all, 7, { _tag: 'TrackerTimeout' }, 0)
      expect(announcerStates(all).every(({ status }) => status === 'idle')).toBe(true)
    }
  })
})
