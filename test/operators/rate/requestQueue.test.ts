import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import {
  createRequestQueue,
  dropRequests,
  forEachRequest,
  hasRequest,
  isNewest,
  oldestAt,
  outstandingCount,
  pushRequest,
  releaseNewest,
  releaseRequest,
  releaseRequests,
  releasePieces,
  removePieces,
  type RequestQueue,
  takeRefused,
  takeRequest,
} from '../../../src/operators/rate/requestQueue.js'

interface Entry {
  readonly piece: number
  readonly block: number
  readonly at: number
  isReleased: boolean
}

/** The same, by the book. */
const findEntry = (model: ReadonlyArray<Entry>, piece: number, block: number): number => {
  const isIt = (entry: Entry): boolean => entry.piece === piece && entry.block === block
  const promised = model.findIndex((entry) => isIt(entry) && !entry.isReleased)
  return promised === -1 ? model.findIndex(isIt) : promised
}

const drain = (q: RequestQueue): ReadonlyArray<readonly [number, number, boolean]> => {
  const all: [number, number, boolean][] = []
  dropRequests(q, (piece, block, isReleased) => all.push([piece, block, isReleased]))
  return all
}

const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      _tag: fc.constant('push' as const),
      piece: fc.nat(3),
      block: fc.nat(9),
      wait: fc.nat(50),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ _tag: fc.constant('take' as const), piece: fc.nat(3), block: fc.nat(9) }),
  },
  { weight: 4, arbitrary: fc.record({ _tag: fc.constant('takeNth' as const), nth: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant('release' as const) }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant('remove' as const), piece: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant('releasePieces' as const), piece: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant('releaseNewest' as const), kept: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant('drop' as const) }) },
)

describe('request queue', () => {
  test.prop([fc.array(operation, { maxLength: 150, size: 'max' })], { numRuns: 300 })(
    'does what an array does',
    (operations) => {
      const q = createRequestQueue()
      let model: Entry[] = []
      let now = 0
      for (const op of operations) {
        if (op._tag === 'push') {
          now += op.wait
          expect(pushRequest(q, op.piece, op.block, now)).toBe(true)
          model.push({ piece: op.piece, block: op.block, at: now, isReleased: false })
        } else if (op._tag === 'take' || op._tag === 'takeNth') {
          const wanted =
            op._tag === 'take' ? op : (model[op.nth % Math.max(1, model.length)] ?? { piece: 9, block: 9 })
          const index = findEntry(model, wanted.piece, wanted.block)
          expect(hasRequest(q, wanted.piece, wanted.block)).toBe(index !== -1)
          const [entry] = index === -1 ? [] : model.splice(index, 1)
          expect(takeRequest(q, wanted.piece, wanted.block)).toBe(entry?.at ?? -1)
          if (entry) expect([q.takenAt, q.takenReleased]).toEqual([entry.at, entry.isReleased])
        } else if (op._tag === 'release') {
          const released: [number, number][] = []
          releaseRequests(q, (piece, block) => released.push([piece, block]))
          expect(released).toEqual(model.filter((e) => !e.isReleased).map((e) => [e.piece, e.block]))
          for (const entry of model) entry.isReleased = true
        } else if (op._tag === 'remove') {
          const isGone = ({ piece }: Entry): boolean => piece === op.piece
          const removed: [number, number, boolean][] = []
          removePieces(
            q,
            (piece) => piece === op.piece,
            (piece, block, isReleased) => removed.push([piece, block, isReleased]),
          )
          expect(removed).toEqual(model.filter(isGone).map((e) => [e.piece, e.block, e.isReleased]))
          model = model.filter((entry) => !isGone(entry))
        } else if (op._tag === 'releasePieces') {
          const gone = model.filter(({ piece }) => piece === op.piece)
          const released: [number, number, boolean][] = []
          releasePieces(
            q,
            (piece) => piece === op.piece,
            (piece, block, wasReleased) => released.push([piece, block, wasReleased]),
          )
          expect(released).toEqual(gone.map((e) => [e.piece, e.block, e.isReleased]))
          for (const entry of gone) entry.isReleased = true
        } else if (op._tag === 'releaseNewest') {
          const released: [number, number][] = []
          releaseNewest(q, op.kept, (piece, block) => released.push([piece, block]))
          const excess = model.filter((e) => !e.isReleased).slice(op.kept)
          expect(released).toEqual(excess.map((e) => [e.piece, e.block]).reverse())
          for (const entry of excess) entry.isReleased = true
        } else {
          expect(drain(q)).toEqual(model.map((e) => [e.piece, e.block, e.isReleased]))
          model = []
        }
        const promised = model.filter((entry) => !entry.isReleased)
        expect(outstandingCount(q)).toBe(promised.length)
        expect(oldestAt(q)).toBe(promised[0]?.at ?? Infinity)
      }
      expect(drain(q)).toEqual(model.map((e) => [e.piece, e.block, e.isReleased]))
    },
  )

  it('holds no memory before the first request, nor after the last was dropped', () => {
    const q = createRequestQueue()
    const bytes = (): number =>
      q.pieces.byteLength + q.blocks.byteLength + q.ats.byteLength + q.states.byteLength
    expect([bytes(), hasRequest(q, 0, 0), takeRequest(q, 0, 0), oldestAt(q)]).toEqual([
      0,
      false,
      -1,
      Infinity,
    ])
    pushRequest(q, 0, 0, 0)
    expect(bytes()).toBeGreaterThan(0)
    drain(q)
    expect(bytes()).toBe(0)
    expect(createRequestQueue().size).toBe(0)
  })

  it('keeps times that do not fit 32 bits, nor whole milliseconds', () => {
    const q = createRequestQueue()
    pushRequest(q, 1, 2, 2 ** 41 + 0.125)
    expect(takeRequest(q, 1, 2)).toBe(2 ** 41 + 0.125)
  })

  it('wraps round for ever without growing', () => {
    const q = createRequestQueue()
    for (let i = 0; i < 10; i++) pushRequest(q, i, i, i)
    for (let i = 10; i < 10_000; i++) {
      pushRequest(q, i, i, i)
      // Now in order, now the second first.
      const answered = i % 4 === 2 ? i - 9 : i % 4 === 3 ? i - 11 : i - 10
      expect(takeRequest(q, answered, answered)).toBe(answered)
    }
    expect(q.pieces.length).toBe(16)
  })

  it('asks again after a release: the promised request is answered first, the late one still counts as asked', () => {
    const q = createRequestQueue()
    pushRequest(q, 7, 0, 100)
    releaseRequests(q, () => undefined)
    pushRequest(q, 7, 0, 200)
    expect([takeRequest(q, 7, 0), q.takenReleased]).toEqual([200, false])
    expect([takeRequest(q, 7, 0), q.takenReleased]).toEqual([100, true])
    expect(takeRequest(q, 7, 0)).toBe(-1)
  })

  it('is refused in the order in which it was asked', () => {
    const q = createRequestQueue()
    pushRequest(q, 7, 0, 100)
    releaseRequests(q, () => undefined)
    pushRequest(q, 7, 0, 200)
    expect([takeRefused(q, 7, 0), q.takenReleased]).toEqual([100, true])
    expect([takeRefused(q, 7, 0), q.takenReleased]).toEqual([200, false])
    expect(takeRefused(q, 7, 0)).toBe(-1)
  })

  it('releases one request, which stays until it is answered', () => {
    const q = createRequestQueue()
    pushRequest(q, 1, 0, 1)
    pushRequest(q, 2, 0, 2)
    expect([releaseRequest(q, 1, 0), releaseRequest(q, 1, 0), releaseRequest(q, 9, 0)]).toEqual([
      true,
      true,
      false,
    ])
    expect([q.size, outstandingCount(q)]).toEqual([2, 1])
    expect([takeRequest(q, 1, 0), q.takenReleased]).toEqual([1, true])
    expect(outstandingCount(q)).toBe(1)
  })

  it('visits all, the oldest first, and knows the newest', () => {
    const q = createRequestQueue()
    expect(isNewest(q, 1, 0)).toBe(false)
    for (let i = 0; i < 20; i++) pushRequest(q, i, i % 3, i)
    for (let i = 0; i < 10; i++) takeRequest(q, i, i % 3)
    const visited: (readonly [number, number])[] = []
    forEachRequest(q, (piece, block) => visited.push([piece, block]))
    expect(visited).toEqual(Array.from({ length: 10 }, (_, i) => [i + 10, (i + 10) % 3]))
    expect([isNewest(q, 19, 1), isNewest(q, 19, 0), isNewest(q, 10, 1)]).toEqual([true, false, false])
  })

  it('holds 2048; then forgets the oldest released, and refuses where all are promised', () => {
    const q = createRequestQueue()
    for (let i = 0; i < 1_000; i++) pushRequest(q, i, 0, i)
    releaseRequests(q, () => undefined)
    for (let i = 1_000; i < 2_048 + 1_000; i++) expect(pushRequest(q, i, 0, i)).toBe(true)
    expect([hasRequest(q, 0, 0), hasRequest(q, 999, 0), hasRequest(q, 1_000, 0)]).toEqual([
      false,
      false,
      true,
    ])
    expect(pushRequest(q, 9_999, 0, 9_999)).toBe(false)
    expect([q.size, outstandingCount(q), oldestAt(q)]).toEqual([2_048, 2_048, 1_000])
    expect(drain(q).map(([piece]) => piece)).toEqual(Array.from({ length: 2_048 }, (_, i) => i + 1_000))
  })
})
