import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { allowedFastSet } from '../../src/codecs/allowedFast.js'

const infohash = new Uint8Array(20).fill(0xaa)

describe('allowedFastSet', () => {
  test.prop([fc.ipV4(), fc.nat({ max: 40 }), fc.nat({ max: 20 })])(
    'is distinct pieces of the torrent, as many as asked for or as there are',
    (host, pieceCount, size) => {
      const set = O.toUndefined(allowedFastSet({ host, infohash, pieceCount, size })) ?? []
      expect(new Set(set).size).toBe(Math.min(size, pieceCount))
      for (const piece of set) expect(piece).toBeLessThan(pieceCount)
    },
  )

  it('begins the same for every size and every host of a /24', () => {
    const set = (host: string, size: number) => allowedFastSet({ host, infohash, pieceCount: 1313, size })
    expect(set('80.4.4.200', 7)).toEqual(O.some([1059, 431, 808, 1217, 287, 376, 1188]))
    expect(set('80.4.4.1', 9)).toEqual(O.some([1059, 431, 808, 1217, 287, 376, 1188, 353, 508]))
  })

  it.each(['::1', 'example.com', ''])('has no set for %j', (host) => {
    expect(allowedFastSet({ host, infohash, pieceCount: 9, size: 3 })).toEqual(O.none)
  })
})
