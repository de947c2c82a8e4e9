import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { fromHex, toHex } from '../../src/codecs/bytes.js'
import { decodeUtPex, encodeUtPex } from '../../src/codecs/wire/utPex.js'
import { readVectors } from './support/corpus.js'

describe('bep11_pex', () => {
  const { message, peers } = readVectors(
    'bep11_pex',
    t.type({ message: t.string, peers: t.array(t.tuple([t.string, t.number, t.string])) }),
  )
  const added = peers.map(([host, port, what]) => ({ host, port, flags: Number(/0x\d\d/.exec(what)?.[0]) }))

  it('reads the message', () => {
    expect(decodeUtPex(fromHex(message) ?? new Uint8Array(0))).toEqual(E.right({ added, dropped: [] }))
  })

  it('writes it', () => {
    expect(toHex(encodeUtPex({ added, dropped: [] }))).toBe(message)
  })
})
