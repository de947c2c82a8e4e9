import { describe, expect, it } from 'vitest'
import { plainAddress } from '../../../src/streams/node/plainAddress.js'

describe('plainAddress', () => {
  it.each([
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::1', '::1'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
  ])('%s is %s', (address, expected) => {
    expect(plainAddress(address)).toBe(expected)
  })
})
