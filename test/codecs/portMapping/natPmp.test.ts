import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { toHex } from '../../../src/codecs/bytes.js'
import {
  decodeNatPmp,
  encodeNatPmpAddressRequest,
  encodeNatPmpRequest,
} from '../../../src/codecs/portMapping/natPmp.js'

const u16 = (n: number): ReadonlyArray<number> => [n >> 8, n & 0xff]
const u32 = (n: number): ReadonlyArray<number> => [n >>> 24, (n >>> 16) & 0xff, (n >>> 8) & 0xff, n & 0xff]
const port = fc.integer({ min: 0, max: 0xffff })

describe('NAT-PMP requests', () => {
  it('are those of RFC 6886', () => {
    expect(toHex(encodeNatPmpAddressRequest())).toBe('0000')
    const request = { internalPort: 6_881, externalPort: 0x1234, lifetimeSeconds: 7_200 }
    expect(toHex(encodeNatPmpRequest({ ...request, protocol: 'udp' }))).toBe('000100001ae1123400001c20')
    expect(toHex(encodeNatPmpRequest({ ...request, protocol: 'tcp' }))).toBe('000200001ae1123400001c20')
  })
})

describe('decodeNatPmp', () => {
  test.prop([fc.constantFrom(1, 2), port, port, fc.nat(0xffffffff), fc.nat(0xffffffff)])(
    'reads mappings',
    (operation, internalPort, externalPort, lifetimeSeconds, epoch) => {
      const bytes = Uint8Array.of(
        ...[0, 128 + operation, 0, 0, ...u32(epoch)],
        ...[...u16(internalPort), ...u16(externalPort), ...u32(lifetimeSeconds)],
      )
      const protocol = operation === 1 ? 'udp' : 'tcp'
      expect(decodeNatPmp(bytes)).toEqual(
        E.right({ _tag: 'Mapped', epoch, protocol, internalPort, externalPort, lifetimeSeconds }),
      )
    },
  )

  it('reads the address outside', () => {
    expect(decodeNatPmp(Uint8Array.of(0, 128, 0, 0, 0, 0, 1, 0, 203, 0, 113, 7))).toEqual(
      E.right({ _tag: 'ExternalAddress', epoch: 256, address: '203.0.113.7' }),
    )
  })

  it('reads refusals, cut off as they may be', () => {
    const refused = E.right({ _tag: 'Refused', operation: 2, code: 3 })
    expect(decodeNatPmp(Uint8Array.of(0, 130, 0, 3, 0, 0, 0, 1))).toEqual(refused)
    expect(decodeNatPmp(Uint8Array.of(0, 130, 0, 3, ...new Uint8Array(12)))).toEqual(refused)
  })

  it.each([
    ['nothing', []],
    ['a request', [0, 2, 0, 0, ...new Uint8Array(8)]],
    ['another version', [2, 130, 0, 0, ...new Uint8Array(12)]],
    ['an operation that there is not', [0, 131, 0, 0, ...new Uint8Array(12)]],
    ['a short address', [0, 128, 0, 0, ...new Uint8Array(7)]],
    ['a long address', [0, 128, 0, 0, ...new Uint8Array(12)]],
    ['a short mapping', [0, 129, 0, 0, ...new Uint8Array(8)]],
    ['a long mapping', [0, 129, 0, 0, ...new Uint8Array(13)]],
  ])('refuses %s', (_, bytes) => {
    expect(E.isLeft(decodeNatPmp(Uint8Array.from(bytes)))).toBe(true)
  })

  test.prop([fc.uint8Array({ maxLength: 32 })])('never throws', (bytes) => {
    expect(decodeNatPmp(bytes)).toHaveProperty('_tag')
  })
})
