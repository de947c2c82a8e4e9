import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { toHex } from '../../../src/codecs/bytes.js'
import { decodePcp, encodePcpMap, type PcpMapRequest } from '../../../src/codecs/portMapping/pcp.js'

const port = fc.integer({ min: 0, max: 0xffff })
const anyRequest: fc.Arbitrary<PcpMapRequest> = fc.record({
  client: fc.ipV4(),
  nonce: fc.uint8Array({ minLength: 12, maxLength: 12 }),
  protocol: fc.constantFrom('tcp' as const, 'udp' as const),
  internalPort: port,
  externalPort: port,
  externalAddress: fc.constantFrom('203.0.113.7', '2001:db8::7', '0.0.0.0'),
  lifetimeSeconds: fc.nat(0xffffffff),
})

/** The answer of a gateway that does all that it is asked. */
const granted = (request: PcpMapRequest, epoch = 0): Uint8Array => {
  const bytes = encodePcpMap(request)
  bytes[1] = 0x81
  bytes.fill(0, 8, 24)
  new DataView(bytes.buffer).setUint32(8, epoch)
  return bytes
}

const request: PcpMapRequest = {
  client: '192.168.1.2',
  nonce: new Uint8Array(12).fill(0xab),
  protocol: 'tcp',
  internalPort: 6_881,
  externalPort: 6_882,
  lifetimeSeconds: 3_600,
}

describe('encodePcpMap', () => {
  it('writes the request of RFC 6887', () => {
    expect(toHex(encodePcpMap(request))).toBe(
      `0201000000000e10${'00'.repeat(10)}ffffc0a80102` +
        `${'ab'.repeat(12)}060000001ae11ae2${'00'.repeat(10)}ffff00000000`,
    )
  })
})

describe('decodePcp', () => {
  test.prop([anyRequest, fc.nat(0xffffffff), fc.nat(20)])(
    'reads what was granted',
    (asked, epoch, options) => {
      const { client, ...mapping } = asked
      expect(client).toMatch(/\./)
      const bytes = Uint8Array.of(...granted(asked, epoch), ...new Uint8Array(4 * options))
      expect(decodePcp(bytes)).toEqual(E.right({ _tag: 'Mapped', epoch, ...mapping }))
    },
  )

  it('reads refusals and other versions', () => {
    const bytes = granted(request)
    bytes[3] = 8
    expect(decodePcp(bytes)).toEqual(E.right({ _tag: 'Refused', code: 8 }))
    expect(decodePcp(bytes.subarray(0, 24))).toEqual(E.right({ _tag: 'Refused', code: 8 }))
    bytes[3] = 1
    expect(decodePcp(bytes)).toEqual(E.right({ _tag: 'OtherVersion', version: 2 }))
    // As a gateway says it that has NAT-PMP alone.
    expect(decodePcp(Uint8Array.of(0, 0x81, 0, 1, 0, 0, 0, 9))).toEqual(
      E.right({ _tag: 'OtherVersion', version: 0 }),
    )
  })

  it.each([
    ['nothing', new Uint8Array(0)],
    ['a request', encodePcpMap(request)],
    ['an answer that was cut off', granted(request).subarray(0, 56)],
    ['an answer of odd length', Uint8Array.of(...granted(request), 0)],
    ['more than 1 100 bytes', Uint8Array.of(...granted(request), ...new Uint8Array(1_044))],
    ['an answer to something else', granted(request).fill(0x82, 1, 2)],
    ['another protocol', granted(request).fill(1, 36, 37)],
  ])('refuses %s', (_, bytes) => {
    expect(E.isLeft(decodePcp(bytes))).toBe(true)
  })

  test.prop([fc.uint8Array({ maxLength: 80 }), fc.boolean()])('never throws', (noise, isAlmost) => {
    const bytes = isAlmost ? Uint8Array.of(2, 0x81, 0, 0, ...noise) : noise
    expect(decodePcp(bytes)).toHaveProperty('_tag')
  })
})
