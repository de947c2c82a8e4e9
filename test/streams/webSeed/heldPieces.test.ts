import { describe, expect, it } from 'vitest'
import { heldPieces } from '../../../src/streams/webSeed/heldPieces.js'
import { makeTorrent } from '../../support/makeTorrent.js'

const PIECE = 16_384
const { metainfo } = makeTorrent({ pieceLength: PIECE, files: [2 * PIECE, 0, PIECE + 1, 3 * PIECE] })

describe('heldPieces', () => {
  it('leaves out each piece that a lacking file is part of', () => {
    expect(heldPieces(metainfo, new Set([0]))).toEqual(Uint8Array.of(0b0011_1110))
    expect(heldPieces(metainfo, new Set([2]))).toEqual(Uint8Array.of(0b1100_1110))
    expect(heldPieces(metainfo, new Set([0, 2]))).toEqual(Uint8Array.of(0b0000_1110))
  })

  it('is none where nothing is lacking, or everything', () => {
    expect(heldPieces(metainfo, new Set())).toBeUndefined()
    expect(heldPieces(metainfo, new Set([1, 99]))).toBeUndefined()
    expect(heldPieces(metainfo, new Set([0, 2, 3]))).toBeUndefined()
  })
})
