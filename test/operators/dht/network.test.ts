import { expect, it } from 'vitest'
import { mayName, networkOf } from '../../../src/operators/dht/network.js'

it('the network of an address is its /24, or its /64', () => {
  expect(networkOf('20.1.2.3')).toBe(networkOf('20.1.2.250'))
  expect(networkOf('20.1.2.3')).not.toBe(networkOf('20.1.3.3'))
  expect(networkOf('2600:1:2:3::1')).toBe(networkOf('2600:1:2:3:ffff::2'))
  expect(networkOf('2600:1:2:3::1')).not.toBe(networkOf('2600:1:2:4::1'))
})

it('addresses that are not of the internet share no network', () => {
  for (const host of ['127.0.0.1', '192.168.1.1', '::1', 'fe80::1', 'localhost'])
    expect(networkOf(host)).toBeUndefined()
})

it('nobody names an address that cannot be reached from where he is', () => {
  expect(mayName('20.1.1.1', '20.1.1.2')).toBe(true)
  expect(mayName('20.1.1.1', '192.168.1.1')).toBe(false)
  expect(mayName('20.1.1.1', '127.0.0.1')).toBe(false)
  expect(mayName('192.168.1.1', '192.168.1.2')).toBe(true)
  expect(mayName('192.168.1.1', '127.0.0.1')).toBe(false)
  expect(mayName('127.0.0.1', '127.0.0.1')).toBe(true)
  expect(mayName('127.0.0.1', '20.1.1.1')).toBe(true)
  expect(mayName('20.1.1.1', '::ffff:127.0.0.1')).toBe(false)
})
