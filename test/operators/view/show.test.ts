import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { createSnapshots } from '../../../src/operators/session/snapshot.js'
import { show } from '../../../src/operators/view/show.js'
import { checkedFixture } from '../../support/checkedFixture.js'
import { sessionState } from '../../cli/support/sessionState.js'

const half = (): ReturnType<ReturnType<typeof createSnapshots>> => {
  const fixture = checkedFixture({
    pieces: 4,
    have: 'xx',
    trackers: [['http://u:p@tracker.test/announce/SECRET?pk=SECRET']],
  })
  fixture.peer({ has: '0010', host: '192.0.2.9' })
  fixture.peer({ has: 'all', host: '2001:db8::1', extended: true })
  return createSnapshots()(fixture.model)
}

describe('show', () => {
  it('tells what there is, in lines', () => {
    expect(show(half())).toBe(
      [
        'phase       downloading, port 6881',
        'progress    2 of 4 pieces, 65536 of 131072 bytes, 50.0 %',
        'rates       down 0 B/s, up 0 B/s',
        'downloaded  0 bytes',
        'uploaded    0 bytes',
        'wire down   10 bytes',
        'wire up     183 bytes',
        'wasted      0 bytes',
        'corrupt     0 bytes',
        'peers       2 connected, 0 dialled, 0 known',
        'trackers    1',
        '  tier 0 http://tracker.test announcing, 0 peers received',
        'why         choked by each of 2 peers that could give something',
      ].join('\n'),
    )
  })

  it('tells of each peer and each piece where it is to be verbose', () => {
    const lines = show(half(), { verbose: true }).split('\n')
    expect(lines).toContainEqual(
      expect.stringMatching(/^ {2}#1 192\.0\.2\.9:6881 incoming ".*" 25\.0 %.*amInterested/),
    )
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}#3 \[2001:db8::1\]:6881 .* 100\.0 %.*isSeed/))
    expect(lines).toContain('bitfield    c0')
    expect(lines).toContain('pieces      0-1 have, 2-3 missing')
  })

  it('is pure: the same state gives the same text, whatever the order of its peers', () => {
    const state = half()
    const turned = { ...state, peers: [...state.peers].reverse() }
    expect(show(turned, { verbose: true })).toBe(show(state, { verbose: true }))
  })

  it('keeps secrets, and writes out what could steer a terminal', () => {
    const state = half()
    const [peer] = state.peers
    const hostile = {
      ...state,
      peers: [{ ...peer!, client: 'evil\u001b[2J\nphase       done\u202e' }],
      trackers: state.trackers.map((tracker) => ({
        ...tracker,
        lastError: O.some({
          _tag: 'TrackerFailure',
          reason: 'go\r\u0007away',
          retryInSeconds: undefined,
        } as const),
      })),
    }
    const text = show(hostile, { verbose: true })
    expect(text).not.toMatch(/SECRET|u:p@/)
    expect(Array.from(text).filter((character) => character < ' ' && character !== '\n')).toEqual([])
    expect(text).toContain('evil\\u{1b}[2J\\u{0a}phase')
    expect(text).toContain('go\\u{0d}\\u{07}away')
    expect(text.split('\n').filter((line) => line.startsWith('phase'))).toHaveLength(1)
  })

  it('shows 99.9 % until it is complete, limits, and how long it takes', () => {
    const text = show(
      sessionState({
        progress: { ...sessionState().progress, fraction: 0.999_99, checked: O.some(0.5) },
        rates: { down: 10, up: 20, eta: O.some(4.2) },
        limits: { ...sessionState().limits, down: 1_000 },
      }),
    )
    expect(text).toContain('99.9 %, 50.0 % checked')
    expect(text).toContain('down 10 B/s (at most 1000), up 20 B/s, done in 5 s')
  })
})
