import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { pieceRoot } from '../../../src/codecs/merkle.js'
import { geometryOf } from '../../../src/operators/piece/geometryOf.js'
import { pieceSize } from '../../../src/operators/piece/geometry.js'
import { sha1Verification, verificationOf } from '../../../src/operators/piece/verification.js'
import { makeTorrent } from '../../support/makeTorrent.js'
import { makeV2Torrent } from '../../support/makeV2Torrent.js'

const sha1 = (text: string): Uint8Array => new Uint8Array(createHash('sha1').update(text).digest())

describe('sha1Verification', () => {
  const verification = sha1Verification(Uint8Array.from([...sha1('a'), ...sha1('b')]))

  it('takes the digest of the piece', () => {
    expect(verification.isRight(0, sha1('a'))).toBe(true)
    expect(verification.isRight(1, sha1('b'))).toBe(true)
  })

  it("refuses another piece's digest, and one that differs in any byte", () => {
    expect(verification.isRight(0, sha1('b'))).toBe(false)
    for (let at = 0; at < 20; at++) {
      const digest = sha1('a')
      digest[at]! ^= 1
      expect(verification.isRight(0, digest)).toBe(false)
    }
  })

  it('refuses what is no digest: nothing, too little, a piece that is not there', () => {
    expect(verification.isRight(0, new Uint8Array(0))).toBe(false)
    expect(verification.isRight(0, sha1('a').subarray(0, 19))).toBe(false)
    expect(verification.isRight(2, sha1('a'))).toBe(false)
  })
})

describe('verificationOf', () => {
  it('goes by v1 where there is a v1 half', () => {
    expect(verificationOf(makeTorrent({ pieceLength: 16_384, files: 5 }).metainfo)?.digestLength).toBe(20)
    const hybrid = makeV2Torrent({
      pieceLength: 16_384,
      files: [5, 40_000],
      isHybrid: true,
      hasLayers: false,
    })
    expect(verificationOf(hybrid.metainfo)?.digestLength).toBe(20)
  })

  it.each([16_384, 32_768, 131_072])('knows each piece of %i bytes of a v2 torrent', (pieceLength) => {
    const { metainfo, content } = makeV2Torrent({
      pieceLength,
      files: [1, 16_384, 16_385, 0, 50_000, pieceLength, pieceLength + 1, 700_000],
    })
    const verification = verificationOf(metainfo)!
    const geometry = geometryOf(metainfo)
    expect(verification.digestLength).toBe(32)
    for (let piece = 0; piece < metainfo.pieceCount; piece++) {
      const begin = piece * pieceLength
      const bytes = content.slice(begin, begin + pieceSize(geometry, piece))
      expect(verification.isRight(piece, pieceRoot(bytes, pieceLength))).toBe(true)
      bytes[bytes.length - 1]! ^= 1
      expect(verification.isRight(piece, pieceRoot(bytes, pieceLength))).toBe(false)
    }
  })

  it('is none for a v2 torrent without the layer of a file longer than a piece', () => {
    const files = [5, 16_384]
    const [short, long] = [files, [...files, 16_385]].map((lengths) =>
      verificationOf(makeV2Torrent({ pieceLength: 16_384, files: lengths, hasLayers: false }).metainfo),
    )
    expect(short).toBeDefined()
    expect(long).toBeUndefined()
  })
})
