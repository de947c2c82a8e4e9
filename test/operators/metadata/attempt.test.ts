import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { metadataPieceLength } from '../../../src/codecs/wire/utMetadata.js'
import {
  askPiece,
  createAttempt,
  gathered,
  nextPiece,
  releasePiece,
  storePiece,
} from '../../../src/operators/metadata/attempt.js'
import { randomBytes } from '../../support/makeTorrent.js'

const who = { host: '192.0.2.1', port: 1, direction: 'outgoing' } as const
const PIECE = 16_384

const store = (
  attempt: ReturnType<typeof createAttempt>,
  bytes: Uint8Array,
  piece: number,
  sender = 1,
): void => {
  const begin = piece * PIECE
  const payload = bytes.subarray(begin, begin + metadataPieceLength(bytes.length, piece))
  storePiece(attempt, piece, payload, sender, who)
}

describe('an attempt', () => {
  test.prop([fc.integer({ min: 1, max: 100_000 }), fc.infiniteStream(fc.nat({ max: 6 }))], { numRuns: 50 })(
    'is whole once every piece has come, in whatever order',
    (size, order) => {
      const bytes = randomBytes(size, size)
      const attempt = createAttempt(size, undefined)
      const count = attempt.pieces.length
      for (const piece of order) {
        store(attempt, bytes, piece % count)
        const have = attempt.pieces.filter((held) => held !== undefined)
        expect(attempt.haveBytes).toBe(have.reduce((sum, { length }) => sum + length, 0))
        expect(attempt.missing).toBe(count - have.length)
        if (attempt.missing === 0) break
        if (nextPiece(attempt, 1, 1) === piece % count) throw new Error('asked for what is there')
        store(attempt, bytes, nextPiece(attempt, 1, 1) ?? 0)
      }
      expect(Buffer.compare(gathered(attempt), bytes)).toBe(0)
      expect(nextPiece(attempt, 1, 1)).toBeUndefined()
    },
  )

  it('keeps a copy, and the first that came', () => {
    const attempt = createAttempt(5, undefined)
    const bytes = Uint8Array.of(1, 2, 3, 4, 5)
    store(attempt, bytes, 0)
    bytes.fill(9)
    store(attempt, bytes, 0, 2)
    expect(gathered(attempt)).toEqual(Uint8Array.of(1, 2, 3, 4, 5))
    expect([...attempt.senders.keys()]).toEqual([1])
  })

  it('asks everybody for another piece, then for what others keep waiting for', () => {
    const attempt = createAttempt(2 * PIECE, undefined)
    const ask = (peer: number): number | undefined => {
      const piece = nextPiece(attempt, peer, 2)
      if (piece !== undefined) askPiece(attempt, peer, piece)
      return piece
    }
    expect([ask(1), ask(2)]).toEqual([0, 1])
    expect([ask(1), ask(2)]).toEqual([1, 0])
    expect([ask(1), ask(3)]).toEqual([undefined, undefined])
    releasePiece(attempt, 1, 1)
    expect(ask(3)).toBe(1)
  })

  it('takes no memory for what is claimed', () => {
    const before = process.memoryUsage().arrayBuffers
    const attempts = Array.from({ length: 100 }, () => createAttempt(10_000_000, undefined))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024)
    expect(attempts[0]!.pieces).toHaveLength(611)
  })
})
