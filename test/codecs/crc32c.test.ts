import { describe, expect, it } from 'vitest'
import { fromLatin1 } from '../../src/codecs/bytes.js'
import { crc32c } from '../../src/codecs/crc32c.js'

describe('crc32c', () => {
  it.each([
    ['nothing', new Uint8Array(0), 0],
    ['the digits', fromLatin1('123456789'), 0xe306_9283],
    ['zeros', new Uint8Array(32), 0x8a91_36aa],
    ['ones', new Uint8Array(32).fill(0xff), 0x62a8_ab43],
  ])('of %s is that of RFC 3720', (_, bytes, crc) => {
    expect(crc32c(bytes)).toBe(crc)
  })
})
