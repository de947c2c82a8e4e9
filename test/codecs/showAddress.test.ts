import { expect, it } from 'vitest'
import { showAddress } from '../../src/codecs/showAddress.js'

it.each([
  ['192.0.2.1', 6881, '192.0.2.1:6881'],
  ['2001:db8::1', 1, '[2001:db8::1]:1'],
  ['peer.example', 80, 'peer.example:80'],
  ['webseed://mirror.example/2', 443, 'webseed://mirror.example/2'],
])('showAddress writes %s and %i as %s', (host, port, text) => {
  expect(showAddress({ host, port })).toBe(text)
})
