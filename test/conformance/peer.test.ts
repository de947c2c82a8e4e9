import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { allowedFastSet } from '../../src/codecs/allowedFast.js'
import { fromHex, fromLatin1 } from '../../src/codecs/bytes.js'
import { isGlobalUnicast } from '../../src/codecs/ipAddress.js'
import { crc32c } from '../../src/codecs/crc32c.js'
import { describePeerId } from '../../src/codecs/peerId.js'
import { canonicalPriority } from '../../src/operators/peer/canonicalPriority.js'
import { readVectors } from './support/corpus.js'

describe('ip_classes', () => {
  const row = t.tuple([t.string, t.union([t.boolean, t.string])])
  const classes = readVectors('ip_classes', t.type({ global_unicast: t.array(row), own_ssrf: t.array(row) }))

  it.each([...classes.global_unicast, ...classes.own_ssrf])('%s: %s', (address, isGlobal) => {
    // Rows with a text are names that look like addresses: none of ours.
    expect(isGlobalUnicast(address)).toBe(isGlobal === true)
  })
})

describe('bep20_peer_id', () => {
  const { cases } = readVectors('bep20_peer_id', t.type({ cases: t.array(t.tuple([t.string, t.string])) }))

  it.each(cases)('%s is %s', (prefix, name) => {
    expect(describePeerId(fromLatin1(prefix.padEnd(20, 'x')))).toBe(name)
  })
})

describe('bep6_allowed_fast', () => {
  const { cases } = readVectors(
    'bep6_allowed_fast',
    t.type({
      cases: t.array(
        t.type({ ip: t.string, pieces: t.number, info_hash: t.string, k: t.number, set: t.array(t.number) }),
      ),
    }),
  )

  it.each(cases)('$ip, $pieces pieces, $k', ({ ip, pieces, info_hash: hash, k, set }) => {
    const infohash = fromHex(hash) ?? new Uint8Array(0)
    expect(allowedFastSet({ host: ip, infohash, pieceCount: pieces, size: k })).toEqual(O.some(set))
  })
})

describe('bep40_priority', () => {
  const side = t.tuple([t.string, t.number])
  const { cases } = readVectors(
    'bep40_priority',
    t.type({ cases: t.array(t.type({ a: side, b: side, priority: t.string })) }),
  )

  it.each(cases)('$a, $b: $priority', ({ a, b, priority }) => {
    const [one, other] = [a, b].map(([host, port]) => ({ host, port }))
    expect(canonicalPriority(one!, other!)).toEqual(O.some(parseInt(priority, 16)))
    expect(canonicalPriority(other!, one!)).toEqual(O.some(parseInt(priority, 16)))
  })
})

describe('crc32c', () => {
  const { cases } = readVectors(
    'crc32c',
    t.type({
      cases: t.array(
        t.intersection([t.type({ crc: t.string }), t.partial({ hex: t.string, ascii: t.string })]),
      ),
    }),
  )

  it.each(cases)('$hex$ascii: $crc', ({ hex, ascii, crc }) => {
    const bytes = hex === undefined ? fromLatin1(ascii ?? '') : (fromHex(hex) ?? new Uint8Array(0))
    expect(crc32c(bytes)).toBe(parseInt(crc, 16))
  })
})
