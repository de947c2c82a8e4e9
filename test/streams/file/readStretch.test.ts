import { BehaviorSubject, EMPTY, from, NEVER, Observable, of, Subject, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { SessionCommand } from '../../../src/operators/session/command.js'
import type { SessionState } from '../../../src/operators/session/state.js'
import type { Storage, StorageError } from '../../../src/streams/deps.js'
import type { ReadError } from '../../../src/streams/file/readError.js'
import { readStretch, type ReadSource } from '../../../src/streams/file/readStretch.js'
import type { Stretch } from '../../../src/streams/file/stretch.js'
import { sessionState } from '../../cli/support/sessionState.js'
import { randomBytes } from '../../support/makeTorrent.js'
import { storageFault } from '../../support/sessionFixture.js'
import { rethrow } from '../../support/rethrow.js'

const MIB = 1024 * 1024
const content = randomBytes(8 * MIB, 3)

/** A session that has the pieces it is told to have, over a storage that holds `content` or answers as it is told. */
const fakeSession = (
  pieceLength: number,
  pieceCount: number,
  readAs: Storage['read'] = (offset, length) => of(E.right(content.slice(offset, offset + length))),
) => {
  const bits = new Uint8Array(Math.ceil(pieceCount / 8))
  const stateOf = (changes: Partial<SessionState> = {}): SessionState =>
    sessionState({ bitfield: { pieceCount, bytes: bits.slice() }, ...changes })
  const state$ = new BehaviorSubject(stateOf())
  const sent: SessionCommand[] = []
  const reads: [number, number][] = []
  let isOpen = true
  let open = 0
  let windows = 0
  const storage = {
    read: (offset: number, length: number) => {
      reads.push([offset, length])
      return new Observable<Either<StorageError, Uint8Array>>((subscriber) => {
        open++
        const inner = readAs(offset, length).subscribe(subscriber)
        return () => {
          open--
          inner.unsubscribe()
        }
      })
    },
  } as unknown as Storage
  const source: ReadSource = {
    pieceLength,
    state$,
    storage: () => (isOpen ? storage : undefined),
    send: (command) => sent.push(command),
    nextWindow: () => ++windows,
  }
  return {
    source,
    state$,
    sent,
    reads,
    open: () => open,
    close: () => (isOpen = false),
    tell: (changes: Partial<SessionState>) => {
      state$.next(stateOf(changes))
    },
    lost: (piece: number) => {
      bits[piece >> 3]! &= ~(0x80 >> (piece & 7))
      state$.next(stateOf())
    },
    has: (...pieces: ReadonlyArray<number>) => {
      for (const piece of pieces) bits[piece >> 3]! |= 0x80 >> (piece & 7)
      state$.next(stateOf())
    },
  }
}

const collect = (source: ReadSource, stretch: Stretch, demand$?: Observable<unknown>) => {
  const chunks: Uint8Array[] = []
  const errors: ReadError[] = []
  let isOver = false
  const subscription = readStretch(source, stretch, demand$).subscribe({
    next: (chunk) => {
      if (E.isRight(chunk)) chunks.push(chunk.right)
      else errors.push(chunk.left)
    },
    error: rethrow,
    complete: () => (isOver = true),
  })
  return {
    chunks,
    errors,
    isOver: () => isOver,
    subscription,
    isEqual: (expected: Uint8Array) => Buffer.compare(Buffer.concat(chunks), expected) === 0,
  }
}

const everything = (count: number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, piece) => piece)

describe('readStretch', () => {
  it('gives what is there in order, and waits for what is not', () => {
    const session = fakeSession(1_000, 8)
    const read = collect(session.source, { start: 500, end: 3_700 })
    expect(read.chunks).toEqual([])
    session.has(2)
    expect(read.chunks).toEqual([])
    session.has(0)
    expect(read.isEqual(content.subarray(500, 1_000))).toBe(true)
    session.has(1)
    expect(read.isEqual(content.subarray(500, 3_000))).toBe(true)
    expect(read.isOver()).toBe(false)
    session.has(3)
    expect(read.isEqual(content.subarray(500, 3_700))).toBe(true)
    expect(read.isOver()).toBe(true)
    expect(session.state$.observed).toBe(false)
  })

  it('asks for nothing where nothing is missing, and for nothing of an empty stretch', () => {
    const session = fakeSession(1_000, 8)
    session.has(...everything(8))
    expect(collect(session.source, { start: 0, end: 8_000 }).isOver()).toBe(true)
    expect(collect(session.source, { start: 4_000, end: 4_000 }).isOver()).toBe(true)
    expect(collect(session.source, { start: 0, end: 0 }).chunks).toEqual([])
    expect(session.sent).toEqual([])
    expect(session.reads).toEqual([[0, 8_000]])
  })

  it('asks first for what it needs, some pieces ahead, and says when it does not any more', () => {
    const session = fakeSession(MIB, 16)
    const read = collect(session.source, { start: 0, end: 5 * MIB })
    expect(session.sent).toEqual([{ _tag: 'SetWindow', id: 1, first: 0, last: 2 }])
    session.has(0)
    expect(session.sent.at(-1)).toEqual({ _tag: 'SetWindow', id: 1, first: 1, last: 3 })
    session.has(1, 2)
    expect(session.sent.at(-1)).toEqual({ _tag: 'SetWindow', id: 1, first: 3, last: 4 })
    session.has(3, 4)
    expect(session.sent.at(-1)).toEqual({ _tag: 'ClearWindow', id: 1 })
    expect(read.isOver()).toBe(true)
    expect(session.sent.filter(({ _tag }) => _tag === 'ClearWindow')).toHaveLength(1)
  })

  it('says nothing while what is on disk is being looked for', () => {
    const session = fakeSession(1_000, 4)
    session.tell({ phase: 'checking' })
    const read = collect(session.source, { start: 0, end: 4_000 })
    expect(session.sent).toEqual([])
    session.has(0, 1, 2, 3)
    expect(read.isOver()).toBe(true)
    expect(session.sent).toEqual([])
  })

  it('clears its window when it is left, and leaves nothing behind', () => {
    const session = fakeSession(1_000, 4, () => NEVER)
    session.has(0)
    const read = collect(session.source, { start: 0, end: 4_000 })
    expect(session.open()).toBe(1)
    read.subscription.unsubscribe()
    expect(session.open()).toBe(0)
    expect(session.state$.observed).toBe(false)
    expect(session.sent.map(({ _tag }) => _tag)).toEqual(['SetWindow', 'ClearWindow'])
  })

  it('has one read under way at most, however slow the storage', () => {
    const answers: Subject<Either<StorageError, Uint8Array>>[] = []
    const session = fakeSession(MIB, 4, () => {
      const answer$ = new Subject<Either<StorageError, Uint8Array>>()
      answers.push(answer$)
      return answer$
    })
    session.has(0, 1, 2, 3)
    const read = collect(session.source, { start: 0, end: 4 * MIB })
    for (let i = 0; i < 16; i++) {
      expect(answers).toHaveLength(i + 1)
      session.has(0)
      expect(session.open()).toBe(1)
      const [offset, length] = session.reads[i]!
      answers[i]!.next(E.right(content.slice(offset, offset + length)))
      answers[i]!.complete()
    }
    expect(read.isEqual(content.subarray(0, 4 * MIB))).toBe(true)
    expect(read.isOver()).toBe(true)
  })

  it('reads a chunk for each demand and none besides, and ends with the demand', () => {
    const session = fakeSession(MIB, 8)
    session.has(...everything(8))
    const demand$ = new Subject<void>()
    const read = collect(session.source, { start: 0, end: 8 * MIB }, demand$)
    expect(session.reads).toHaveLength(0)
    demand$.next()
    expect(session.reads).toHaveLength(1)
    session.has(0)
    demand$.next()
    demand$.next()
    expect(read.chunks).toHaveLength(3)
    expect(session.reads).toHaveLength(3)
    demand$.complete()
    expect(read.isOver()).toBe(true)
    expect(session.reads).toHaveLength(3)
  })

  it('keeps a demand for what is not there yet, also when no more will come', () => {
    const session = fakeSession(1_000, 2)
    const read = collect(session.source, { start: 0, end: 2_000 }, from([1]))
    expect(read.isOver()).toBe(false)
    session.has(0)
    expect(read.chunks).toHaveLength(1)
    expect(read.isOver()).toBe(true)
    expect(session.sent.at(-1)).toMatchObject({ _tag: 'ClearWindow' })
  })

  it('does not pile up calls over a storage that answers at once', () => {
    const session = fakeSession(MIB / 4, 4_000, (_, length) => of(E.right(new Uint8Array(length))))
    session.has(...everything(4_000))
    let bytes = 0
    readStretch(session.source, { start: 0, end: 4_000 * (MIB / 4) }).subscribe({
      next: (chunk) => (bytes += E.isRight(chunk) ? chunk.right.length : 0),
      error: rethrow,
    })
    expect(bytes).toBe(4_000 * (MIB / 4))
  })

  it.each<[string, Storage['read'], ReadError]>([
    [
      'a failure',
      () => of(E.left(storageFault({ operation: 'read' }))),
      { _tag: 'StorageFailed', error: storageFault({ operation: 'read' }) },
    ],
    ['a closed storage', () => of(E.left(storageFault({ kind: 'closed' }))), { _tag: 'SessionStopped' }],
    [
      'a storage that throws',
      () => throwError(() => new Error('boom')),
      { _tag: 'StorageFailed', error: storageFault({ operation: 'read', file: '', code: '' }) },
    ],
    [
      'a storage that says nothing',
      () => EMPTY,
      { _tag: 'StorageFailed', error: storageFault({ operation: 'read', file: '', code: '' }) },
    ],
  ])('ends with one typed error after %s', (_, answer, expected) => {
    const session = fakeSession(1_000, 2, answer)
    session.has(0)
    const read = collect(session.source, { start: 0, end: 2_000 })
    expect(read.errors).toEqual([expected])
    expect(read.isOver()).toBe(true)
    expect(session.state$.observed).toBe(false)
  })

  it('ends with a typed error when what is missing will not come', () => {
    for (const end of ['stopping', 'complete', 'failure'] as const) {
      const session = fakeSession(1_000, 2)
      const read = collect(session.source, { start: 0, end: 2_000 })
      if (end === 'stopping') session.tell({ phase: 'stopping' })
      else if (end === 'complete') session.state$.complete()
      else
        session.tell({ phase: 'stalled', storage: { _tag: 'Stalled', error: storageFault({}), retryAt: 9 } })
      expect(read.errors).toEqual([
        end === 'failure' ? { _tag: 'StorageFailed', error: storageFault({}) } : { _tag: 'SessionStopped' },
      ])
      expect(read.isOver()).toBe(true)
    }
  })

  it('still reads what is there while the disk takes nothing more', () => {
    const session = fakeSession(1_000, 2)
    session.has(0, 1)
    session.tell({ phase: 'stalled', storage: { _tag: 'Stalled', error: storageFault({}), retryAt: 9 } })
    expect(collect(session.source, { start: 0, end: 2_000 }).errors).toEqual([])
  })

  it('waits for a storage that is opened later', () => {
    const session = fakeSession(1_000, 1)
    session.close()
    session.has(0)
    const read = collect(session.source, { start: 0, end: 1_000 })
    expect(read.isOver()).toBe(false)
    expect(read.errors).toEqual([])
  })

  it('reports the piece that is missing though it was had, and waits until it has come again', () => {
    let isGone = true
    const missing = storageFault({ operation: 'read', kind: 'missing', file: 'b' })
    const session = fakeSession(1_000, 4, (offset, length) =>
      of(
        isGone && offset < 2_000 && offset + length > 1_000
          ? E.left(missing)
          : E.right(content.slice(offset, offset + length)),
      ),
    )
    session.has(0, 1, 2, 3)
    const read = collect(session.source, { start: 0, end: 4_000 })
    expect(read.isEqual(content.subarray(0, 1_000))).toBe(true)
    const reports = (): unknown => session.sent.filter(({ _tag }) => _tag === 'ReportGone')
    expect(reports()).toEqual([{ _tag: 'ReportGone', piece: 1, file: 'b', isWholeFile: false }])
    session.lost(1)
    expect(session.sent.at(-1)).toEqual({ _tag: 'SetWindow', id: 1, first: 1, last: 3 })
    isGone = false
    session.has(1)
    expect(reports()).toHaveLength(1)
    expect(read.isEqual(content.subarray(0, 4_000))).toBe(true)
    expect(read.isOver()).toBe(true)
  })

  it('does not wait for ever for what is never there', () => {
    const missing = storageFault({ operation: 'read', kind: 'missing' })
    const session = fakeSession(1_000, 1, () => of(E.left(missing)))
    session.has(0)
    const read = collect(session.source, { start: 0, end: 1_000 })
    for (let i = 0; i < 9; i++) session.has(0)
    expect(read.errors).toEqual([{ _tag: 'StorageFailed', error: missing }])
    expect(session.sent.filter(({ _tag }) => _tag === 'ReportGone')).toHaveLength(3)
  })

  it('gives each read a window of its own', () => {
    const session = fakeSession(1_000, 2)
    collect(session.source, { start: 0, end: 1_000 })
    collect(session.source, { start: 1_000, end: 2_000 })
    expect(session.sent.map((command) => ('id' in command ? command.id : 0))).toEqual([1, 2])
  })
})
