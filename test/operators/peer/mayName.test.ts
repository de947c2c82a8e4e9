import { expect, it } from 'vitest'
import { mayName } from '../../../src/operators/peer/mayName.js'

it.each([
  ['8.8.8.8', '9.9.9.9', true],
  ['8.8.8.8', '2a00::1', true],
  ['8.8.8.8', '192.168.0.1', false],
  ['8.8.8.8', '127.0.0.1', false],
  ['8.8.8.8', '::ffff:10.0.0.1', false],
  ['192.168.0.1', '10.0.0.1', true],
  ['192.168.0.1', '8.8.8.8', true],
  ['192.168.0.1', '127.0.0.1', false],
  ['fe80::1', '::1', false],
  ['127.0.0.1', '127.0.0.1', true],
  ['127.0.0.1', '192.168.0.1', true],
  ['8.8.8.8', 'example.org', false],
  ['example.org', '8.8.8.8', false],
])('between us and %s, %s: %s', (peer, host, isFit) => {
  expect(mayName(peer, host)).toBe(isFit)
})
