import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { explain } from '../../../src/operators/explain/explain.js'
import { explainText } from '../../../src/operators/explain/explainText.js'
import type { Reason } from '../../../src/operators/explain/reason.js'
import type { PeerState, SessionPhase, SessionState } from '../../../src/operators/session/state.js'
import type { TrackerState } from '../../../src/operators/tracker/tiers.js'
import { storageFault } from '../../support/sessionFixture.js'
import { sessionState } from '../../cli/support/sessionState.js'

const peer = (changes: Partial<PeerState> = {}): PeerState => ({
  key: 1,
  host: '192.0.2.1',
  port: 6_881,
  direction: 'outgoing',
  client: '',
  amChoking: true,
  amInterested: false,
  peerChoking: true,
  peerInterested: false,
  isSnubbed: false,
  isEncrypted: false,
  isSeed: false,
  fraction: 0,
  downRate: 0,
  upRate: 0,
  downloaded: 0,
  uploaded: 0,
  outstanding: 0,
  ...changes,
})

const tracker = (changes: Partial<TrackerState> = {}): TrackerState => ({
  tier: 0,
  url: 'http://tracker.example/announce?passkey=secret',
  status: 'idle',
  lastError: O.none,
  seeders: O.none,
  leechers: O.none,
  nextAnnounceAt: O.none,
  peersReceived: 0,
  ...changes,
})

const giver = peer({ amInterested: true, peerChoking: false })
const failed = tracker({
  status: 'failed',
  lastError: O.some({ _tag: 'TrackerTimeout' }),
  nextAnnounceAt: O.some(9_000),
})
const free = sessionState().limits
const error = storageFault({ kind: 'disk-full', operation: 'write', file: 'a', code: 'ENOSPC' })
const pieces = (
  status: ReadonlyArray<number>,
  priority?: ReadonlyArray<number>,
): Pick<SessionState, 'pieces'> => ({
  pieces: {
    status: Uint8Array.from(status),
    availability: new Uint16Array(status.length),
    priority: Uint8Array.from(priority ?? status.map(() => 4)),
  },
})

const cases: ReadonlyArray<[string, Partial<SessionState>, ReadonlyArray<Reason>, string]> = [
  ['opening', { phase: 'opening' }, [{ _tag: 'Opening' }], 'opening the storage'],
  [
    'checking',
    { phase: 'checking', progress: { ...sessionState().progress, checked: O.some(0.25) } },
    [{ _tag: 'Checking', fraction: 0.25 }],
    'checking what is on disk, 25 % done',
  ],
  ['paused', { phase: 'paused' }, [{ _tag: 'Paused', isDraining: false }], 'paused'],
  [
    'pausing',
    { phase: 'pausing' },
    [{ _tag: 'Paused', isDraining: true }],
    'pausing: the last blocks are on their way',
  ],
  ['stopping', { phase: 'stopping' }, [{ _tag: 'Stopped', isOver: false }], 'stopping'],
  ['stopped', { phase: 'stopped' }, [{ _tag: 'Stopped', isOver: true }], 'stopped'],
  [
    'a failed disk',
    { phase: 'stalled', storage: { _tag: 'Stalled', error, retryAt: 30_000 } },
    [{ _tag: 'DiskFailed', error, retryAt: 30_000 }],
    'the storage failed: cannot write a: disk full (ENOSPC); tried again in 30 s',
  ],
  [
    'no word on files',
    { awaitsPriorities: true },
    [{ _tag: 'WaitingForSelection' }],
    'waiting to be told which files are wanted',
  ],
  [
    'nothing wanted',
    { phase: 'seeding', ...pieces([0, 0, 3, 3], [0, 0, 0, 0]), peers: [peer()] },
    [{ _tag: 'NothingWanted' }, { _tag: 'NotInterested', peers: 1 }],
    'no file that is missing is wanted\n1 peer connected, none wants anything',
  ],
  [
    'done, and nobody there',
    { phase: 'seeding', ...pieces([3, 3, 3, 3]) },
    [{ _tag: 'Done' }, { _tag: 'NoPeers', candidates: 0, trackers: { _tag: 'NoTrackers' } }],
    'all that is wanted is here\nnobody is connected; there are no trackers',
  ],
  [
    'dialling',
    { dialling: 3 },
    [{ _tag: 'Connecting', dialling: 3 }],
    'nobody is connected yet: dialling 3 peers',
  ],
  [
    'nobody, announcing',
    { trackers: [failed, tracker({ status: 'announcing' })] },
    [{ _tag: 'NoPeers', candidates: 0, trackers: { _tag: 'Announcing' } }],
    'nobody is connected; a tracker is being asked',
  ],
  [
    'nobody, a tracker that works',
    {
      candidates: Array.from({ length: 5 }, (_, port) => ({
        host: '192.0.2.1',
        port,
        source: 'tracker' as const,
        failures: 0,
      })),
      trackers: [tracker({ status: 'working', nextAnnounceAt: O.some(12_500) }), failed],
    },
    [{ _tag: 'NoPeers', candidates: 5, trackers: { _tag: 'Waiting', nextAnnounceAt: O.some(9_000) } }],
    'nobody is connected (5 known, to be dialled again); trackers are asked again in 9 s',
  ],
  [
    'nobody, trackers that fail',
    {
      trackers: [
        failed,
        tracker({
          status: 'failed',
          lastError: O.some({ _tag: 'TrackerHttpStatus', status: 500 }),
          nextAnnounceAt: O.some(4_000),
        }),
      ],
    },
    [
      {
        _tag: 'NoPeers',
        candidates: 0,
        trackers: {
          _tag: 'AllFailed',
          tracker: 'http://tracker.example',
          error: { _tag: 'TrackerHttpStatus', status: 500 },
          nextAnnounceAt: O.some(4_000),
        },
      },
    ],
    'nobody is connected; no tracker answers: http://tracker.example: HTTP status 500; asked again in 4 s',
  ],
  [
    'pieces that nobody has',
    { peers: [peer(), peer({ key: 2 })], ...pieces([3, 0, 1, 0], [4, 4, 4, 0]) },
    [{ _tag: 'NoPeerHasMissing', count: 2, pieces: [1, 2] }],
    'no connected peer has what is missing: 2 pieces, 1, 2',
  ],
  [
    'all choked',
    { peers: [peer({ amInterested: true }), peer({ key: 2, amInterested: true })] },
    [{ _tag: 'AllChoked', by: 'peers', peers: 2 }],
    'choked by each of 2 peers that could give something',
  ],
  [
    'all snubbed',
    { peers: [peer({ amInterested: true }), { ...giver, isSnubbed: true }] },
    [{ _tag: 'AllSnubbed', peers: 1 }],
    'the one peer that unchoked us went silent',
  ],
  [
    'silence',
    { peers: [{ ...giver, outstanding: 7 }] },
    [{ _tag: 'Stalled', outstanding: 7 }],
    '7 blocks asked for, and none has come for a while',
  ],
  [
    'a busy disk',
    { peers: [giver], ...pieces([2, 2, 0, 0]) },
    [{ _tag: 'DiskBusy', pieces: 2 }],
    'the disk is busy: 2 pieces to be verified and written',
  ],
  [
    'only the disk left',
    { peers: [peer()], ...pieces([3, 2, 3, 3]) },
    [{ _tag: 'DiskBusy', pieces: 1 }],
    'the disk is busy: 1 piece to be verified and written',
  ],
  [
    'held by a limit',
    {
      peers: [{ ...giver, outstanding: 1 }],
      limits: { down: 1_000, up: 500, isDownHeld: true, isUpHeld: true },
      rates: { down: 900, up: 500, eta: O.none },
    },
    [
      { _tag: 'Limited', direction: 'down', limit: 1_000 },
      { _tag: 'Limited', direction: 'up', limit: 500 },
    ],
    'download held to 1000 B/s\nupload held to 500 B/s',
  ],
  [
    'a limit of nothing',
    { peers: [giver], limits: { ...free, down: 0 } },
    [{ _tag: 'Limited', direction: 'down', limit: 0 }],
    'download held to 0 B/s',
  ],
  [
    'takers that we choke',
    { phase: 'seeding', ...pieces([3]), peers: [peer({ peerInterested: true })] },
    [{ _tag: 'Done' }, { _tag: 'AllChoked', by: 'us', peers: 1 }],
    'all that is wanted is here\nchoking the one peer that wants something',
  ],
  [
    'uploads at their limit',
    {
      phase: 'seeding',
      ...pieces([3]),
      peers: [peer({ peerInterested: true, amChoking: false })],
      limits: { ...free, up: 100, isUpHeld: true },
      rates: { down: 0, up: 95, eta: O.none },
    },
    [{ _tag: 'Done' }, { _tag: 'Limited', direction: 'up', limit: 100 }],
    'all that is wanted is here\nupload held to 100 B/s',
  ],
]

describe('explain', () => {
  it.each(cases)('names %s', (_, changes, reasons, text) => {
    const state = sessionState(changes)
    expect(explain(state)).toEqual(reasons)
    expect(explainText(state)).toBe(text)
  })

  it('says nothing while blocks come', () => {
    const state = sessionState({
      peers: [{ ...giver, outstanding: 30 }],
      rates: { down: 50_000, up: 0, eta: O.some(3) },
      limits: { ...free, down: 1_000_000 },
    })
    expect(explain(state)).toEqual([])
    expect(explainText(state)).toBe('')
  })

  it('says that it is queued where the queue says so, but a failed disk first', () => {
    expect(explain(sessionState({ phase: 'paused' }), { isQueued: true })).toEqual([{ _tag: 'Queued' }])
    expect(explainText(sessionState({ phase: 'paused' }), { isQueued: true })).toBe(
      'waiting for its turn in the queue',
    )
    const broken = sessionState({ phase: 'paused', storage: { _tag: 'Stalled', error, retryAt: 0 } })
    expect(explain(broken, { isQueued: true })).toMatchObject([{ _tag: 'DiskFailed' }])
  })

  it('names sixteen of the pieces that are missing, and counts all', () => {
    const state = sessionState({ peers: [peer()], ...pieces(new Array<number>(1_000).fill(0)) })
    expect(explain(state)).toEqual([
      { _tag: 'NoPeerHasMissing', count: 1_000, pieces: Array.from({ length: 16 }, (_, piece) => piece) },
    ])
    expect(explainText(state)).toMatch(/1000 pieces, 0, 1, .*15 …$/)
  })

  it('has something to say in every phase that moves nothing', () => {
    const phases: ReadonlyArray<SessionPhase> = [
      'opening',
      'checking',
      'pausing',
      'paused',
      'stalled',
      'stopping',
      'stopped',
    ]
    for (const phase of phases) expect(explain(sessionState({ phase })), phase).toHaveLength(1)
  })

  it('lets through nothing of what strangers say that could steer a terminal, and no passkey', () => {
    const refused = tracker({
      status: 'failed',
      lastError: O.some({ _tag: 'TrackerFailure', reason: 'no\u001b[2J', retryInSeconds: undefined }),
    })
    const text = explainText(sessionState({ trackers: [refused] }))
    expect(text).toContain('no\\u{1b}[2J')
    expect(text).not.toMatch(/secret|passkey/)
    expect(text).toContain('asked no more')
  })
})
