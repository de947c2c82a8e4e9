import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { createPeerId, describePeerId, PEER_ID_RANDOM_LENGTH } from '../../src/codecs/peerId.js'
import { VERSION } from '../../src/codecs/version.js'

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

describe('createPeerId', () => {
  test.prop([fc.uint8Array({ minLength: PEER_ID_RANDOM_LENGTH, maxLength: 40 })])(
    'is twenty bytes: the client, then chance',
    (random) => {
      const peerId = createPeerId(random)
      expect(peerId.length).toBe(20)
      expect(peerId.subarray(8)).toEqual(random.subarray(0, PEER_ID_RANDOM_LENGTH))
      expect(describePeerId(peerId)).toBe(`rxtorrent ${VERSION}`)
    },
  )
})

describe('describePeerId', () => {
  it.each([
    ['-qB4520-abcdefghijkl', 'qBittorrent 4.5.2'],
    ['-LT20D0-abcdefghijkl', 'libtorrent 2.0.13.0'],
    ['-TR3000-abcdefghijkl', 'Transmission 3.00'],
    ['-TR283Z-abcdefghijkl', 'Transmission 2.83+'],
    ['-TR0072-abcdefghijkl', 'Transmission 0.72'],
    ['M7-9-2--abcdefghijkl', 'BitTorrent 7.9.2'],
    ['-ZZ1234-abcdefghijkl', '-ZZ1234-abcdefghijkl'],
    ['T03I-----bcdefghijkl', 'BitTornado 0.3.18'],
  ])('%s is %s', (peerId, name) => {
    expect(describePeerId(latin1(peerId))).toBe(name)
  })

  test.prop([fc.uint8Array({ maxLength: 64 })], { numRuns: 2_000 })(
    'is short printable text for any bytes',
    (bytes) => {
      expect(describePeerId(bytes)).toMatch(/^[\x20-\x7eµ]{0,60}$/)
    },
  )
})
