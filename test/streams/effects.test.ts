import { EMPTY, NEVER, Observable, of, Subject, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { hashTree } from '../../src/codecs/hashTree.js'
import { hashBlocks } from '../../src/codecs/merkle.js'
import { createFrameDecoder } from '../../src/codecs/wire/frameDecoder.js'
import { createModel } from '../../src/operators/session/model.js'
import { defaultPolicies } from '../../src/operators/session/policies.js'
import type { SessionEffect } from '../../src/operators/session/effect.js'
import type { SessionEvent } from '../../src/operators/session/event.js'
import type { Turn } from '../../src/operators/session/turn.js'
import type { LongFile, SessionDeps, Storage, StorageError } from '../../src/streams/deps.js'
import { runEffects } from '../../src/streams/effects.js'
import { layoutOf } from '../../src/streams/storageLayout.js'
import { createVirtualClock } from '../../src/streams/virtual/clock.js'
import { bareMetainfo } from '../support/sessionFixture.js'

const BLOCK = 16_384
const metainfo = bareMetainfo(4 * 2 * BLOCK, 2 * BLOCK)
const failure: StorageError = {
  _tag: 'StorageError',
  kind: 'io',
  operation: 'write',
  file: 'data',
  code: 'EIO',
}

interface Runner {
  readonly run: (...effects: ReadonlyArray<SessionEffect>) => void
  readonly events: SessionEvent[]
  readonly written: { readonly offset: number; readonly bytes: Uint8Array }[]
  readonly sent: Uint8Array[]
  readonly stop: () => void
}

/** The effects alone: a storage that answers at once, a hasher that takes memory over, a wire with the key 1. */
const runner = (
  more: { readonly storage?: Partial<Storage>; readonly deps?: Partial<SessionDeps> } = {},
): Runner => {
  const turn$ = new Subject<Turn>()
  const events: SessionEvent[] = []
  const written: { readonly offset: number; readonly bytes: Uint8Array }[] = []
  const sent: Uint8Array[] = []
  const clock = createVirtualClock()
  const right = <A>(value: A): Observable<Either<StorageError, A>> => of(E.right(value))
  const storage: Storage = {
    read: (offset, length) => right(Uint8Array.from({ length }, (_, i) => (offset + i) & 0xff)),
    write: (offset, bytes) => {
      written.push({ offset, bytes: bytes.slice() })
      return right(undefined)
    },
    flush: () => right(undefined),
    hashPieces: (first, last) =>
      right({
        first,
        digests: new Uint8Array(20 * (last - first + 1)),
        present: new Uint8Array(last - first + 1).fill(1),
      }),
    ...more.storage,
  }
  const config = {
    metainfo,
    peerId: new Uint8Array(20),
    seed: 1,
    announceKey: 1,
    policies: defaultPolicies,
    peers: [],
  }
  const model = createModel(config, 0)
  const subscription = turn$
    .pipe(
      runEffects(
        {
          clock,
          network: { connect: () => NEVER, listen: () => NEVER },
          openStorage: () => of(E.right(storage)),
          hasher: {
            sha1: (bytes) => {
              const moved = structuredClone(bytes, { transfer: [bytes.buffer as ArrayBuffer] })
              return of({ digest: new Uint8Array(20), bytes: moved })
            },
          },
          trackers: { announce: () => EMPTY },
          random: { bytes: (count) => new Uint8Array(count) },
          ...more.deps,
        },
        {
          wires: {
            dial: () => NEVER,
            listen: () => NEVER,
            close: () => undefined,
            send: () => undefined,
            write: (peer, bytes) => {
              if (peer !== 1) return undefined
              sent.push(bytes)
              return true
            },
          },
          metainfo,
          layout: layoutOf(metainfo),
          verification: { digestLength: 20, isRight: (piece) => piece % 2 === 0 },
          port: 0,
        },
      ),
    )
    .subscribe({ next: (event) => events.push(event), error: expect.unreachable })
  return {
    run: (...effects) => {
      turn$.next({ model, effects, notices: [], isNews: true, isUrgent: false, isIdle: false, isLast: false })
    },
    events,
    written,
    sent,
    stop: () => {
      subscription.unsubscribe()
    },
  }
}

const OPEN: SessionEffect = { _tag: 'OpenStorage' }
const store = (slot: number, block: number, fill: number): SessionEffect => ({
  _tag: 'StoreBlock',
  slot,
  begin: block * BLOCK,
  payload: new Uint8Array(BLOCK).fill(fill),
})

describe('runEffects', () => {
  it('makes the leaves of a piece of its bytes, and rejects where they cannot be read', () => {
    const bytes = Uint8Array.from({ length: 2 * BLOCK }, (_, i) => i & 0xff)
    const whole = hashTree(hashBlocks(bytes), 0)
    const root = whole.layers[1]!
    const range = { root, baseLayer: 0, index: 0, length: 2, proofLayers: 0 }
    const leaves = { piece: 0, place: 0, length: 2 * BLOCK, above: { baseLayer: 1, layers: [root] } }
    const effect: SessionEffect = { _tag: 'ServeLeaves', peer: 1, range, leaves }
    const good = runner()
    good.run(OPEN, effect)
    const hashes = whole.layers[0]!
    expect(createFrameDecoder().write(good.sent[0]!).messages).toEqual([{ _tag: 'Hashes', ...range, hashes }])
    expect(good.events.at(-1)).toMatchObject({ _tag: 'HashesServed', peer: 1, wireBytes: 4 + 49 + 64 })
    const broken = runner({ storage: { read: () => of(E.left(failure)) } })
    broken.run(OPEN, effect)
    expect(createFrameDecoder().write(broken.sent[0]!).messages).toEqual([{ _tag: 'HashReject', ...range }])
    expect(broken.events.at(-1)).toMatchObject({ _tag: 'HashesServed', wireBytes: 4 + 49 })
  })

  it('lets the loop have its turn before more is hashed, and no more once it is over', () => {
    const clock = createVirtualClock()
    const { run, events, stop } = runner({ deps: { clock } })
    const hashTurns = (): number => events.filter(({ _tag }) => _tag === 'HashTurn').length
    run({ _tag: 'AwaitHashTurn' })
    expect(hashTurns()).toBe(0)
    clock.advanceBy(1)
    expect(hashTurns()).toBe(1)
    run({ _tag: 'AwaitHashTurn' })
    stop()
    clock.advanceBy(1_000)
    expect(hashTurns()).toBe(1)
  })

  it('copies borrowed payloads within the turn', () => {
    const { run, written } = runner()
    const borrowed = new Uint8Array(BLOCK).fill(1)
    run(
      OPEN,
      { _tag: 'StoreBlock', slot: 0, begin: 0, payload: borrowed },
      { _tag: 'WriteBlock', piece: 2, block: 1, begin: BLOCK, payload: borrowed },
    )
    borrowed.fill(0xaa)
    run({ _tag: 'WritePiece', piece: 1, slot: 0, length: BLOCK })
    expect(written.map(({ offset, bytes }) => [offset, bytes[0], bytes.length])).toEqual([
      [2 * 2 * BLOCK + BLOCK, 1, BLOCK],
      [2 * BLOCK, 1, BLOCK],
    ])
  })

  it('verifies a piece in memory, and still has it to write', () => {
    const { run, events, written } = runner()
    run(OPEN, store(0, 0, 5), store(0, 1, 6), { _tag: 'VerifyPiece', piece: 2, slot: 0, length: 2 * BLOCK })
    run({ _tag: 'VerifyPiece', piece: 1, slot: 1, length: 2 * BLOCK })
    run({ _tag: 'WritePiece', piece: 2, slot: 0, length: 2 * BLOCK })
    expect(events.slice(1)).toEqual([
      { _tag: 'PieceVerified', at: 0, piece: 2, ok: true },
      { _tag: 'PieceVerified', at: 0, piece: 1, ok: false },
      { _tag: 'PieceWritten', at: 0, piece: 2 },
    ])
    expect([written[0]!.bytes[0], written[0]!.bytes[BLOCK]]).toEqual([5, 6])
  })

  it('goes on after memory was lost with a hash worker', () => {
    const { run, events, written } = runner({
      deps: {
        hasher: {
          sha1: (bytes) => {
            structuredClone(bytes, { transfer: [bytes.buffer as ArrayBuffer] })
            return of({ digest: new Uint8Array(0), bytes: new Uint8Array(0) })
          },
        },
      },
    })
    run(OPEN, store(0, 0, 5), { _tag: 'VerifyPiece', piece: 2, slot: 0, length: BLOCK })
    expect(events.at(-1)).toEqual({ _tag: 'PieceLost', at: 0, piece: 2 })
    run(store(0, 1, 7), { _tag: 'WritePiece', piece: 2, slot: 0, length: 2 * BLOCK })
    expect(written[0]!.bytes[BLOCK]).toBe(7)
  })

  it('sends a run of blocks as whole messages, the last one short', () => {
    const { run, events, sent } = runner()
    run(OPEN, { _tag: 'ServeBlocks', peer: 1, piece: 1, begin: 100, length: 2_500, blockLength: 1_000 })
    const { messages } = createFrameDecoder().write(sent[0]!)
    expect(messages).toMatchObject([
      { _tag: 'Piece', piece: 1, begin: 100 },
      { _tag: 'Piece', piece: 1, begin: 1_100 },
      { _tag: 'Piece', piece: 1, begin: 2_100 },
    ])
    const payloads = messages.flatMap((message) => (message._tag === 'Piece' ? [...message.payload] : []))
    expect(payloads).toEqual(Array.from({ length: 2_500 }, (_, i) => (2 * BLOCK + 100 + i) & 0xff))
    expect(events.at(-1)).toEqual({
      _tag: 'BlocksServed',
      at: 0,
      peer: 1,
      bytes: 2_500,
      wireBytes: 2_500 + 3 * 13,
      isFull: true,
    })
  })

  it('reads for a peer that has gone, and says so', () => {
    const { run, events } = runner()
    run(OPEN, { _tag: 'ServeBlocks', peer: 9, piece: 0, begin: 0, length: 10, blockLength: 10 })
    expect(events.at(-1)).toEqual({
      _tag: 'BlocksServed',
      at: 0,
      peer: 9,
      bytes: 10,
      wireBytes: 23,
      isFull: false,
    })
  })

  it('answers each failure of the storage with an event that says what it was about', () => {
    const fails = (): Observable<Either<StorageError, never>> => of(E.left(failure))
    const { run, events } = runner({
      storage: { read: fails, write: fails, flush: fails, hashPieces: fails },
    })
    run(
      OPEN,
      { _tag: 'CheckPieces', first: 0, last: 3 },
      store(0, 0, 1),
      { _tag: 'WritePiece', piece: 1, slot: 0, length: 2 * BLOCK },
      { _tag: 'WriteBlock', piece: 2, block: 0, begin: 0, payload: new Uint8Array(7) },
      { _tag: 'VerifyPiece', piece: 3, slot: -1, length: 0 },
      { _tag: 'Flush' },
      { _tag: 'ServeBlocks', peer: 1, piece: 0, begin: 0, length: 10, blockLength: 10 },
    )
    expect(events.slice(1)).toEqual([
      { _tag: 'StorageFailed', at: 0, piece: -1, bytes: 0, error: failure },
      { _tag: 'StorageFailed', at: 0, piece: 1, bytes: 2 * BLOCK, error: failure },
      { _tag: 'StorageFailed', at: 0, piece: 2, bytes: 7, error: failure },
      { _tag: 'StorageFailed', at: 0, piece: 3, bytes: 0, error: failure },
      { _tag: 'StorageFailed', at: 0, piece: -1, bytes: 0, error: failure },
      {
        _tag: 'ServeFailed',
        at: 0,
        peer: 1,
        piece: 0,
        begin: 0,
        length: 10,
        blockLength: 10,
        error: failure,
      },
    ])
  })

  it('says `closed` of whatever comes before the storage is open', () => {
    const { run, events } = runner()
    run({ _tag: 'Flush' })
    expect(events).toMatchObject([{ _tag: 'StorageFailed', error: { kind: 'closed', operation: 'flush' } }])
  })

  it('tells which pieces of a check are there and right', () => {
    const present = Uint8Array.of(1, 1, 0, 1)
    const { run, events } = runner({
      storage: { hashPieces: (first) => of(E.right({ first, digests: new Uint8Array(80), present })) },
    })
    run(OPEN, { _tag: 'CheckPieces', first: 0, last: 3 })
    expect(events.at(-1)).toEqual({ _tag: 'PiecesChecked', at: 0, first: 0, ok: Uint8Array.of(1, 0, 0, 0) })
  })

  it('closes a storage before it opens it again', () => {
    let open = 0
    let most = 0
    const { run, stop } = runner({
      deps: {
        openStorage: () =>
          new Observable(() => {
            most = Math.max(most, ++open)
            return () => {
              open--
            }
          }),
      },
    })
    run(OPEN)
    run(OPEN)
    expect([open, most]).toEqual([1, 1])
    stop()
    expect(open).toBe(0)
  })

  it('tells the storage which files are wanted, and of the storage only what fails', () => {
    const wanted = [true, false]
    const select: SessionEffect = { _tag: 'SelectFiles', wanted }
    const told: unknown[] = []
    let answer$: Observable<Either<StorageError, void>> = of(E.right(undefined))
    const { run, events } = runner({
      storage: {
        select: (files) => {
          told.push(files)
          return answer$
        },
      },
    })
    run(select)
    expect(told, 'before it is open there is nobody to tell').toEqual([])
    run(OPEN, select)
    expect(told).toEqual([wanted])
    expect(events.map(({ _tag }) => _tag)).toEqual(['StorageOpened'])
    answer$ = of(E.left(failure))
    run(select)
    answer$ = new Observable((subscriber) => {
      subscriber.error(new Error('a bug'))
    })
    run(select)
    expect(events.slice(1)).toMatchObject([
      { _tag: 'StorageFailed', piece: -1, error: { operation: 'open', code: 'EIO' } },
      { _tag: 'StorageFailed', piece: -1, error: { operation: 'open', kind: 'io' } },
    ])
  })

  it('opens a storage once it has told of files that are too long', () => {
    const long = [{ file: 0, expected: 1, actual: 2 }]
    const answer$ = new Subject<Either<StorageError, ReadonlyArray<LongFile>>>()
    const slow = runner({ storage: { longFiles: () => answer$ } })
    slow.run(OPEN)
    expect(slow.events).toEqual([])
    answer$.next(E.right(long))
    expect(slow.events).toMatchObject([{ _tag: 'StorageOpened', longFiles: long }])
  })

  it.each([
    ['finds none', of(E.right([]))],
    ['cannot look', of(E.left(failure))],
    ['throws', throwError(() => new Error('a bug'))],
  ])('opens a storage all the same that %s', (_, answer$) => {
    const { run, events } = runner({ storage: { longFiles: () => answer$ } })
    run(OPEN)
    expect(events).toEqual([{ _tag: 'StorageOpened', at: 0 }])
  })

  it('minds no storage that keeps every file', () => {
    const { run, events } = runner()
    run(OPEN, { _tag: 'SelectFiles', wanted: [false] })
    expect(events.map(({ _tag }) => _tag)).toEqual(['StorageOpened'])
  })

  it('ends everything that is under way when it is unsubscribed', () => {
    let live = 0
    const waits = <A>(): Observable<A> =>
      new Observable(() => {
        live++
        return () => {
          live--
        }
      })
    const { run, stop } = runner({ storage: { read: waits, write: waits, flush: waits, hashPieces: waits } })
    run(
      OPEN,
      { _tag: 'CheckPieces', first: 0, last: 3 },
      { _tag: 'WritePiece', piece: 1, slot: 0, length: BLOCK },
      { _tag: 'Flush' },
      { _tag: 'ServeBlocks', peer: 1, piece: 0, begin: 0, length: 10, blockLength: 10 },
    )
    expect(live).toBe(4)
    stop()
    expect(live).toBe(0)
  })

  it('asks the storage about its files, and says what it cannot do', () => {
    const asked: unknown[] = []
    const { run, events } = runner({
      storage: {
        directory: '/here',
        select: (wanted) => {
          asked.push(wanted)
          return of(
            wanted[0] === true ? E.right(undefined) : E.left({ ...failure, operation: 'open' as const }),
          )
        },
        releaseHandles: () => asked.push('release'),
        rename: (file, path) => {
          asked.push([file, path])
          return of(E.right(undefined))
        },
        move: (directory) => {
          asked.push(directory)
          return of(
            E.right({ movedBytes: 1, totalBytes: 2, isDone: false }),
            E.right({ movedBytes: 2, totalBytes: 2, isDone: true }),
          )
        },
      },
    })
    run({ _tag: 'MoveStorage', id: 1, directory: '/early' })
    run(OPEN, { _tag: 'SelectFiles', wanted: [true] }, { _tag: 'SelectFiles', wanted: [false] })
    run({ _tag: 'ReleaseHandles' }, { _tag: 'RenameFile', id: 2, file: 0, path: ['x'] })
    run({ _tag: 'MoveStorage', id: 3, directory: '/there' }, { _tag: 'CancelMove', id: 3 })
    run({ _tag: 'RemoveData', id: 4, vouched: [] })
    expect(asked).toEqual([[true], [false], 'release', [0, ['x']], '/there'])
    expect(events).toMatchObject([
      { _tag: 'StorageOpFailed', id: 1, error: { kind: 'closed', operation: 'move' } },
      { _tag: 'StorageOpened', directory: '/here' },
      { _tag: 'StorageFailed', piece: -1, error: { operation: 'open' } },
      { _tag: 'FileRenamed', id: 2, file: 0, path: ['x'] },
      { _tag: 'MoveProgressed', id: 3, movedBytes: 1, totalBytes: 2 },
      { _tag: 'StorageMoved', id: 3, directory: '/here' },
      { _tag: 'StorageOpFailed', id: 4, error: { kind: 'unsupported', operation: 'remove' } },
    ])
  })

  it('leaves a move that is cancelled, and tells the asker', () => {
    let hasLeft = false
    const { run, events } = runner({
      storage: {
        move: () =>
          new Observable(() => () => {
            hasLeft = true
          }),
      },
    })
    run(OPEN, { _tag: 'MoveStorage', id: 5, directory: '/there' }, { _tag: 'CancelMove', id: 6 })
    expect(hasLeft).toBe(false)
    run({ _tag: 'CancelMove', id: 5 })
    run({ _tag: 'CancelMove', id: 5 })
    expect(hasLeft).toBe(true)
    expect(events.slice(1)).toMatchObject([{ _tag: 'StorageOpFailed', id: 5, error: { kind: 'closed' } }])
  })
})
