import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import {
  askAgain,
  beginDownload,
  createDownloads,
  type Downloads,
  endDownload,
  isReceived,
  liveRequests,
  NONE,
  type PieceDownload,
  receiveBlock,
  releaseBlock,
  sendersOf,
  takeBlock,
} from '../../../src/operators/piece/downloads.js'

/** The same by the book: live requests and the sender of each block. */
interface Naive {
  readonly live: number[]
  readonly sender: (number | undefined)[]
}

const pieceAndBlock = { piece: fc.nat(2), block: fc.nat(4) }
const operation = fc.oneof(
  { weight: 5, arbitrary: fc.record({ _tag: fc.constant('take' as const), ...pieceAndBlock }) },
  { weight: 2, arbitrary: fc.record({ _tag: fc.constant('again' as const), ...pieceAndBlock }) },
  { weight: 3, arbitrary: fc.record({ _tag: fc.constant('release' as const), ...pieceAndBlock }) },
  {
    weight: 3,
    arbitrary: fc.record({ _tag: fc.constant('receive' as const), ...pieceAndBlock, from: fc.nat(3) }),
  },
  { weight: 1, arbitrary: fc.record({ _tag: fc.constant('end' as const), ...pieceAndBlock }) },
  { weight: 3, arbitrary: fc.record({ _tag: fc.constant('begin' as const), ...pieceAndBlock }) },
)

const isOpen = ({ live, sender }: Naive): boolean =>
  live.some((count, block) => count === 0 && sender[block] === undefined)

const compare = (downloads: Downloads, naive: ReadonlyMap<number, Naive>): void => {
  expect([...downloads.byPiece.keys()]).toEqual([...naive.keys()])
  const open = [...naive].filter(([, its]) => isOpen(its)).map(([piece]) => piece)
  expect(downloads.open.map(({ piece }) => piece).sort()).toEqual(open.sort())
  for (const [piece, { live, sender }] of naive) {
    const download = downloads.byPiece.get(piece)!
    live.forEach((count, block) => {
      expect(liveRequests(download, block)).toBe(sender[block] === undefined ? count : 0)
      expect(isReceived(download, block)).toBe(sender[block] !== undefined)
    })
    expect(download.received).toBe(sender.filter((from) => from !== undefined).length)
    expect([...sendersOf(download)].sort()).toEqual(
      [...new Set(sender.filter((from) => from !== undefined))].sort(),
    )
  }
}

describe('Downloads', () => {
  test.prop([fc.array(operation, { maxLength: 100, size: 'max' })], { numRuns: 150 })(
    'keeps the books of blocks asked for, given up and received',
    (operations) => {
      const downloads = createDownloads()
      const naive = new Map<number, Naive>()
      for (const step of operations) {
        const { piece, block } = step
        const its = naive.get(piece)
        const download = downloads.byPiece.get(piece)
        if (step._tag === 'begin') {
          if (its !== undefined) continue
          beginDownload(downloads, piece, 7, 5, NONE)
          naive.set(piece, { live: [0, 0, 0, 0, 0], sender: [] })
        } else if (its === undefined || download === undefined) {
          continue
        } else if (step._tag === 'take') {
          const expected = its.live.findIndex((count, at) => count === 0 && its.sender[at] === undefined)
          expect(takeBlock(downloads, download)).toBe(expected)
          if (expected >= 0) its.live[expected]!++
        } else if (step._tag === 'again') {
          if (its.live[block] === 0 || its.sender[block] !== undefined) continue
          askAgain(download, block)
          its.live[block]!++
        } else if (step._tag === 'release') {
          releaseBlock(downloads, download, block)
          if (its.sender[block] === undefined) its.live[block] = Math.max(0, its.live[block]! - 1)
        } else if (step._tag === 'receive') {
          if (its.sender[block] !== undefined) continue
          its.sender[block] = step.from
          const isWhole = [0, 1, 2, 3, 4].every((at) => its.sender[at] !== undefined)
          expect(receiveBlock(downloads, download, block, step.from)).toBe(isWhole)
        } else {
          endDownload(downloads, download)
          naive.delete(piece)
        }
        compare(downloads, naive)
      }
    },
  )

  it('hands out a block that was given up before later ones', () => {
    const downloads = createDownloads()
    const download = beginDownload(downloads, 0, 0, 3, NONE)
    const take = (): number => takeBlock(downloads, download)
    expect([take(), take(), take(), take()]).toEqual([0, 1, 2, NONE])
    releaseBlock(downloads, download, 1)
    expect([take(), take()]).toEqual([1, NONE])
  })

  it('counts a block that comes although it had been given up', () => {
    const downloads = createDownloads()
    const download = beginDownload(downloads, 0, 0, 1, NONE)
    takeBlock(downloads, download)
    releaseBlock(downloads, download, 0)
    expect(downloads.open).toHaveLength(1)
    expect(receiveBlock(downloads, download, 0, 5)).toBe(true)
    expect(downloads.open).toEqual<PieceDownload[]>([])
    expect(sendersOf(download)).toEqual([5])
  })
})
