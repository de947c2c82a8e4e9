import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { parsePeer, parsePort } from '../../src/cli/peerArgument.js'
import { showAddress } from '../../src/codecs/showAddress.js'

const port = fc.integer({ min: 1, max: 65_535 })

describe('parsePeer', () => {
  test.prop([fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()), port])(
    'reads what showAddress writes',
    (host, port) => {
      expect(parsePeer(showAddress({ host, port }))).toEqual({ host, port })
    },
  )

  test.prop([fc.string()])('answers something usable or nothing', (text) => {
    const peer = parsePeer(text)
    if (peer === undefined) return
    expect(peer.host).not.toBe('')
    expect(peer.port).toBeGreaterThan(0)
  })
})

describe('parsePort', () => {
  test.prop([fc.integer({ min: -100_000, max: 200_000 })])('takes what a port can be', (number) => {
    expect(parsePort(String(number), 0)).toBe(number >= 0 && number <= 65_535 ? number : undefined)
    expect(parsePort(String(number), 1)).toBe(number >= 1 && number <= 65_535 ? number : undefined)
  })
})
