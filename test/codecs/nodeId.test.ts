import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { formatIp } from '../../src/codecs/ipAddress.js'
import { isNodeIdOf, nodeIdFor } from '../../src/codecs/nodeId.js'

const anyHost = fc
  .oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
  .map((ip) => O.getOrElse(() => '')(formatIp(ip)))
const anyRandom = fc.uint8Array({ minLength: 20, maxLength: 20 })

describe('node ids (BEP 42)', () => {
  test.prop([anyHost, anyRandom])('are right where they were made', (host, random) => {
    const id = O.getOrElse((): Uint8Array => new Uint8Array(0))(nodeIdFor(host, random))
    expect(isNodeIdOf(id, host)).toBe(true)
    expect(id.subarray(3)).toEqual(random.subarray(3))
    expect(id[2]! & 7).toBe(random[2]! & 7)
  })

  test.prop([fc.constantFrom('124.31.75.21', '2600:1::1'), anyRandom, fc.nat({ max: 20 })])(
    'are wrong with any of their first 21 bits changed',
    (host, random, bit) => {
      const id = O.getOrElse((): Uint8Array => new Uint8Array(0))(nodeIdFor(host, random))
      id[bit >> 3]! ^= 0x80 >> (bit & 7)
      expect(isNodeIdOf(id, host)).toBe(false)
    },
  )

  it('may be any where the address is not of the internet', () => {
    const id = new Uint8Array(20)
    for (const host of [
      '10.1.2.3',
      '172.16.0.1',
      '192.168.1.1',
      '169.254.1.1',
      '127.0.0.1',
      '::1',
      'fe80::1',
    ]) {
      expect(isNodeIdOf(id, host)).toBe(true)
    }
    expect(isNodeIdOf(id, '8.8.8.8')).toBe(false)
    expect(isNodeIdOf(id.subarray(1), '10.1.2.3')).toBe(false)
  })

  it('belong to addresses, not to names', () => {
    expect(nodeIdFor('router.example', new Uint8Array(20))).toEqual(O.none)
    expect(isNodeIdOf(new Uint8Array(20), 'router.example')).toBe(false)
  })
})
