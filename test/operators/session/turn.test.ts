import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import type { WireMessage } from '../../../src/codecs/wire/message.js'
import { createSnapshots } from '../../../src/operators/session/snapshot.js'
import { checkedFixture } from '../../support/checkedFixture.js'
import {
  type FakePeer,
  pieceMessage,
  type SessionFixture,
  storageFault,
} from '../../support/sessionFixture.js'

const PIECES = 9
const BLOCKS = 3
const SHORT = 20_000
/** In pieces: they share some, and one has none of its own. */
const FILES = [2.5, 0.25, 0, 3.25, 3 - SHORT / (BLOCKS * 16_384)]

const has = fc.oneof(
  fc.constant('all'),
  fc.string({ unit: fc.constantFrom('0', '1'), minLength: PIECES, maxLength: PIECES }),
)
const who = fc.nat(7)
const index = fc.nat(PIECES)
const priority = fc.constantFrom(0, 0, 0, 1, 4, 7)
const act = <Tag extends string, Fields extends object>(
  _tag: Tag,
  fields: { [K in keyof Fields]: fc.Arbitrary<Fields[K]> },
): fc.Arbitrary<{ readonly _tag: Tag } & Fields> =>
  fc.record({ _tag: fc.constant(_tag), ...fields }) as unknown as fc.Arbitrary<
    { readonly _tag: Tag } & Fields
  >

const action = fc.oneof(
  { weight: 3, arbitrary: act('connect', { has, fast: fc.boolean(), outgoing: fc.boolean() }) },
  { weight: 1, arbitrary: act('close', { who }) },
  { weight: 3, arbitrary: act('unchoke', { who }) },
  { weight: 1, arbitrary: act('choke', { who }) },
  { weight: 3, arbitrary: act('have', { who, piece: index }) },
  {
    weight: 12,
    arbitrary: act('give', { who, count: fc.integer({ min: 1, max: 12 }), bad: fc.nat(9) }),
  },
  { weight: 2, arbitrary: act('giveLast', { who }) },
  { weight: 2, arbitrary: act('refuse', { who, count: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: act('unasked', { who, piece: index, block: fc.nat(BLOCKS) }) },
  { weight: 1, arbitrary: act('allow', { who, piece: index }) },
  { weight: 2, arbitrary: act('interest', { who, is: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: act('request', { who, piece: index, begin: fc.nat(3 * 16_384), length: fc.nat(20_000) }),
  },
  { weight: 1, arbitrary: act('served', { who, isFull: fc.boolean() }) },
  { weight: 1, arbitrary: act('drained', { who }) },
  { weight: 6, arbitrary: act('disk', { index: fc.nat(5), fails: fc.nat(9) }) },
  { weight: 1, arbitrary: act('desire', { desired: fc.constantFrom('running', 'paused') }) },
  { weight: 1, arbitrary: act('cut', { blockLength: fc.constantFrom(1_024, 8_192, 16_384) }) },
  { weight: 1, arbitrary: act('memory', { pieces: fc.nat(4) }) },
  { weight: 1, arbitrary: act('limit', { connections: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 1, arbitrary: act('recheck', { is: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: act('choose', {
      priorities: fc.array(priority, { minLength: FILES.length, maxLength: FILES.length }),
    }),
  },
  { weight: 2, arbitrary: act('read', { id: fc.nat(1), first: index, length: fc.nat(3) }) },
  { weight: 1, arbitrary: act('shut', { id: fc.nat(1) }) },
  { weight: 1, arbitrary: act('slow', { down: fc.constantFrom(0, 50_000, 1_000_000, Infinity) }) },
  { weight: 2, arbitrary: act('checked', { wrong: index }) },
  { weight: 1, arbitrary: act('spoil', { choice: fc.constant(true) }) },
  { weight: 1, arbitrary: act('lose', { who, piece: index }) },
  { weight: 3, arbitrary: act('pass', { ms: fc.constantFrom(250, 1_000, 11_000, 21_000, 31_000) }) },
)
type Action = typeof action extends fc.Arbitrary<infer A> ? A : never

const perform = (fixture: SessionFixture, peers: FakePeer[], step: Action): void => {
  if (step._tag === 'connect') {
    const { fast, outgoing } = step
    peers.push(fixture.peer({ has: step.has, fast, direction: outgoing ? 'outgoing' : 'incoming' }))
    return
  }
  if (step._tag === 'pass') {
    fixture.pass(step.ms)
    return
  }
  if (step._tag === 'disk') {
    if (fixture.pending.length === 0) return
    fixture.answerDisk(
      step.fails === 0 ? { kind: 'disk-full', code: 'ENOSPC' } : undefined,
      step.index % fixture.pending.length,
    )
    return
  }
  if (step._tag === 'spoil') {
    const error = storageFault({ operation: 'open', kind: 'disk-full' })
    if (fixture.model.isSelective) {
      fixture.feed({ _tag: 'StorageFailed', at: fixture.now(), piece: -1, bytes: 0, error })
    }
    return
  }
  if (!('who' in step)) {
    order(fixture, step)
    return
  }
  const peer = peers[step.who % Math.max(1, peers.length)]
  if (peer === undefined) return
  const at = fixture.now()
  const says = (message: WireMessage): void => {
    peer.says(message)
  }
  switch (step._tag) {
    case 'close':
      peer.closes()
      return
    case 'unchoke':
      says({ _tag: 'Unchoke' })
      return
    case 'choke':
      says({ _tag: 'Choke' })
      return
    case 'have':
      says({ _tag: 'Have', piece: step.piece })
      return
    case 'give':
      peer.gives(step.count, step.bad === 0)
      return
    case 'giveLast': {
      const last = peer.owed.pop()
      if (last !== undefined) says({ ...last, _tag: 'Piece', payload: new Uint8Array(last.length) })
      return
    }
    case 'refuse':
      peer.refuses(step.count)
      return
    case 'unasked':
      says(pieceMessage(fixture, step.piece, step.block))
      return
    case 'lose': {
      const error = storageFault({ operation: 'read', kind: 'missing' })
      const { piece } = step
      const request = { peer: peer.key, piece, begin: 0, length: 0, blockLength: 1 }
      if (piece < PIECES) fixture.feed({ ...request, _tag: 'ServeFailed', at, error })
      return
    }
    case 'allow':
      says({ _tag: 'AllowedFast', piece: step.piece })
      return
    case 'interest':
      says({ _tag: step.is ? 'Interested' : 'NotInterested' })
      return
    case 'request':
      says({ _tag: 'Request', piece: step.piece, begin: step.begin, length: step.length })
      return
    case 'served':
      fixture.feed({ _tag: 'BlocksServed', at, peer: peer.key, bytes: 0, wireBytes: 0, isFull: step.isFull })
      return
    case 'drained':
      fixture.feed({ _tag: 'PeerDrained', at, peer: peer.key })
      return
  }
}

type Order =
  'desire' | 'cut' | 'limit' | 'memory' | 'recheck' | 'checked' | 'choose' | 'read' | 'shut' | 'slow'

/** What the user and the check say. */
const order = (fixture: SessionFixture, step: Extract<Action, { readonly _tag: Order }>): void => {
  switch (step._tag) {
    case 'desire':
      fixture.command({ _tag: 'SetDesired', desired: step.desired })
      return
    case 'cut':
      fixture.command({ _tag: 'SetBlockLength', blockLength: step.blockLength })
      return
    case 'limit':
      fixture.command({ _tag: 'SetConnectionLimits', connections: step.connections, unchokeSlots: 2 })
      return
    case 'memory':
      fixture.command({ _tag: 'SetMemory', bytes: step.pieces * fixture.model.geometry.pieceLength })
      return
    case 'recheck':
      fixture.command({ _tag: step.is ? 'Recheck' : 'CancelRecheck', id: 1 })
      return
    case 'choose':
      fixture.command({ _tag: 'SetPriorities', priorities: step.priorities })
      return
    case 'read': {
      const { id, first, length } = step
      fixture.command({ _tag: 'SetWindow', id, first, last: first + length })
      return
    }
    case 'slow':
      fixture.command({ _tag: 'SetLimits', scope: 'session', down: step.down, up: Infinity })
      return
    case 'shut':
      fixture.command({ _tag: 'ClearWindow', id: step.id })
      return
    case 'checked': {
      const recheck = fixture.model.rechecks
      // What is in the storage, but for one piece.
      const ok = Uint8Array.from({ length: PIECES }, (_, piece) =>
        Number(piece !== step.wrong && fixture.model.table.status[piece] === 3),
      )
      fixture.feed({ _tag: 'PiecesChecked', at: fixture.now(), first: 0, ok, recheck })
      return
    }
  }
}

/** One honest seed, a disk that works, and time: from any state, that is enough. */
const finish = (fixture: SessionFixture, priorities: ReadonlyArray<number>): void => {
  while (fixture.pending.length > 0) fixture.answerDisk()
  fixture.command({ _tag: 'SetDesired', desired: 'running' })
  fixture.command({ _tag: 'CancelRecheck', id: 1 })
  for (const id of [0, 1]) fixture.command({ _tag: 'ClearWindow', id })
  fixture.command({ _tag: 'SetPriorities', priorities })
  fixture.command({ _tag: 'SetLimits', scope: 'session', down: Infinity, up: Infinity })
  fixture.command({ _tag: 'SetConnectionLimits', connections: 20, unchokeSlots: 2 })
  // A stalled session takes nobody in.
  for (let tries = 0; tries < 10 && fixture.model.phase === 'stalled'; tries++) {
    fixture.pass(31_000)
    while (fixture.pending.length > 0) fixture.answerDisk()
  }
  const seed = fixture.peer({ has: 'all', id: 999 })
  seed.says({ _tag: 'Unchoke' })
  for (let round = 0; round < 1_000 && fixture.model.phase !== 'seeding'; round++) {
    seed.gives(32)
    while (fixture.pending.length > 0) fixture.answerDisk()
    fixture.pass(250)
  }
}

describe('turn', () => {
  test.prop([fc.array(action, { maxLength: 120, size: 'max' }), fc.nat(1_000), has, fc.boolean()], {
    numRuns: 400,
  })(
    'keeps every invariant whatever happens, and has all that is wanted once one honest seed is there',
    (steps, seed, had, awaitsPriorities) => {
      const fixture = checkedFixture({
        pieces: PIECES,
        blocks: BLOCKS,
        short: SHORT,
        files: FILES,
        awaitsPriorities,
        have: had === 'all' ? '' : had.replaceAll('1', 'x'),
        seed,
        hasQuickDisk: false,
      })
      const peers: FakePeer[] = []
      for (const step of steps) perform(fixture, peers, step)
      for (const priorities of [[4, 0, 0, 0, 1], FILES.map(() => 4)]) {
        finish(fixture, priorities)
        expect(fixture.model.phase).toBe('seeding')
        for (const [file, { isDone }] of createSnapshots()(fixture.model).files.entries()) {
          expect(isDone || priorities[file] === 0).toBe(true)
        }
      }
      expect(fixture.noticesOf('PolicyFailed')).toEqual([])
    },
  )
})
