import { TestScheduler } from 'rxjs/testing'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { metadataText, tellMetadata } from '../../../src/cli/progress/tellMetadata.js'
import type { MetadataPeerState, MetadataProgress, MetadataState } from '../../../src/index.js'

const peer = (size: number | undefined): MetadataPeerState => ({
  host: '192.0.2.1',
  port: 1,
  direction: 'outgoing',
  client: 'x',
  size: O.fromNullable(size),
  received: 0,
  isResting: false,
})

const progress = (more: Partial<MetadataProgress> = {}): MetadataProgress => ({
  at: 0,
  magnet: {
    infohash: { v1: O.some(new Uint8Array(20)), v2: O.none },
    name: O.none,
    trackers: [],
    webSeeds: [],
    peers: [],
    select: [],
  },
  port: O.none,
  size: O.none,
  haveBytes: 0,
  wrong: 0,
  peers: [],
  candidates: 0,
  trackers: [],
  why: [],
  ...more,
})

const moving = progress({
  size: O.some(80 * 1024),
  haveBytes: 32 * 1024,
  peers: [peer(80 * 1024), peer(80 * 1024), peer(80 * 1024), peer(undefined)],
})
const stuck = progress({ why: [{ _tag: 'NobodyToAsk' }] })

describe('metadataText', () => {
  it.each([
    [moving, 'metadata 32.0 KiB of 80.0 KiB from 3 peers'],
    [progress(), 'looking for metadata'],
    [stuck, 'looking for metadata: no tracker in this link and no peer: nobody to ask'],
    [
      { ...moving, why: [{ _tag: 'MetadataWrong' as const, times: 2 }] },
      'metadata 32.0 KiB of 80.0 KiB from 3 peers: metadata came and was wrong 2 times; its senders are asked one by one',
    ],
  ])('%#', (state, text) => {
    expect(metadataText(state)).toBe(text)
  })
})

describe('tellMetadata', () => {
  const a: MetadataState = { _tag: 'Fetching', progress: moving }
  const b: MetadataState = { _tag: 'Fetching', progress: stuck }
  const scheduler = (): TestScheduler =>
    new TestScheduler((actual, expected) => {
      expect(actual).toEqual(expected)
    })

  it('tells a program once a second', () => {
    scheduler().run(({ hot, expectObservable }) => {
      const text = (state: MetadataState): unknown => ({
        _tag: 'Data',
        text: JSON.stringify({
          event: 'metadata',
          size: O.toNullable(state.progress.size),
          haveBytes: state.progress.haveBytes,
          peers: state.progress.peers.length,
          candidates: 0,
          wrong: 0,
          why: state.progress.why.map(({ _tag }) => _tag),
        }),
      })
      const told$ = hot('ba 1s b 1s |', { a, b }).pipe(tellMetadata(true, { isLive: false }))
      expectObservable(told$).toBe('b 999ms a 999ms b--|', { a: text(a), b: text(b) })
    })
  })

  it('repaints a terminal, and tells others why nothing comes at once, and how far it is every five seconds', () => {
    scheduler().run(({ hot, expectObservable }) => {
      const [live, say] = [moving, stuck].map(metadataText)
      const painted$ = hot('a-b|', { a, b }).pipe(tellMetadata(false, { isLive: true }))
      expectObservable(painted$).toBe('a-b|', {
        a: { _tag: 'Live', lines: [live] },
        b: { _tag: 'Live', lines: [say] },
      })
      const told$ = hot('b-a 10s |', { a, b }).pipe(tellMetadata(false, { isLive: false }))
      expectObservable(told$).toBe('b 4999ms a 5002ms |', {
        a: { _tag: 'Say', text: live },
        b: { _tag: 'Say', text: say },
      })
    })
  })
})
