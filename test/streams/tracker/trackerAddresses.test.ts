import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { formatIp, ipScope, isMulticast, parseIp } from '../../../src/codecs/ipAddress.js'
import { trackerAddresses } from '../../../src/streams/tracker/trackerAddresses.js'

const anyAddress = fc
  .oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.constantFrom(
      '127.0.0.1',
      '::1',
      '239.0.0.1',
      'ff02::1',
      '0.0.0.0',
      '::ffff:127.0.0.1',
      '::ffff:8.8.8.8',
    ),
  )
  .map(String)

describe('trackerAddresses', () => {
  it.each([
    [['2001:DB8::1', '192.0.2.1', '2001:db8::2', '192.0.2.2'], '/', ['192.0.2.1', '2001:db8::1']],
    [['::ffff:192.0.2.1'], '/', ['192.0.2.1']],
    [['127.0.0.1', '192.0.2.1'], '/', ['192.0.2.1']],
    [['127.0.0.1', '192.0.2.1'], '/announce', ['127.0.0.1']],
    [['fe80::1%eth0'], '/', ['fe80::1%eth0']],
    [['localhost', '', 'fe80::1%e th'], '/announce', []],
  ])('of %j for %s are %j', (found, path, expected) => {
    expect(trackerAddresses(found, path)).toEqual(expected)
  })

  test.prop([fc.array(anyAddress, { maxLength: 8 }), fc.constantFrom('/', '/announce', '/x')])(
    'are one of each family at most, of single machines, and this one for announces alone',
    (found, path) => {
      const addresses = trackerAddresses(found, path)
      expect(addresses.filter((address) => address.includes(':')).length).toBeLessThanOrEqual(1)
      expect(addresses.filter((address) => !address.includes(':')).length).toBeLessThanOrEqual(1)
      for (const address of addresses) {
        const ip = O.toUndefined(parseIp(address)) ?? new Uint8Array(0)
        expect(O.toUndefined(formatIp(ip))).toBe(address)
        expect(isMulticast(ip)).toBe(false)
        if (path !== '/announce') expect(ipScope(ip)).not.toBe('loopback')
      }
    },
  )
})
