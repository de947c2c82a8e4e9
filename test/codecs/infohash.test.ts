import { expect, it } from 'vitest'
import { toHex, toUtf8 } from '../../src/codecs/bytes.js'
import { sha1, sha256 } from '../../src/codecs/infohash.js'

// FIPS 180-4.
it('sha1', () => {
  expect(toHex(sha1(toUtf8('abc')))).toBe('a9993e364706816aba3e25717850c26c9cd0d89d')
})

it('sha256', () => {
  expect(toHex(sha256(toUtf8('abc')))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  )
})
