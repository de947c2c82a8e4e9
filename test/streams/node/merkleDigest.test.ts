import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { pieceRoot } from '../../../src/codecs/merkle.js'
import { startMerkle } from '../../../src/streams/node/merkleDigest.js'
import { payload } from '../../support/storageLayout.js'

test.prop([fc.integer({ min: 1, max: 131_072 }), fc.array(fc.nat({ max: 131_072 }), { maxLength: 8 })], {
  numRuns: 60,
})('hashes to the same however the piece is cut', (length, cuts) => {
  const bytes = payload(length)
  const merkle = startMerkle(131_072)
  let start = 0
  for (const end of [...cuts.map((cut) => cut % (length + 1)).sort((a, b) => a - b), length]) {
    merkle.update(bytes.subarray(start, end))
    start = end
  }
  expect(merkle.digest()).toEqual(pieceRoot(bytes, 131_072))
})
