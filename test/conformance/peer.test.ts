import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { allowedFastSet } from '../../src/codecs/allowedFast.js'
import { fromHex, fromLatin1 } from '../../src/codecs/bytes.js'
import { isGlobalUnicast } from '../../src/codecs/ipAddress.js'
import { describePeerId } from '../../src/codecs/peerId.js'
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
