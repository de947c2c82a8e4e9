import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { fromHex, toHex } from '../../src/codecs/bytes.js'
import { decodeUtPex, encodeUtPex } from '../../src/codecs/wire/utPex.js'
import { EXTENDED_HANDSHAKE_ID } from '../../src/codecs/wire/extended.js'
import { EXTENSIONS } from '../../src/operators/session/extension/extensions.js'
import { checkedFixture } from '../support/checkedFixture.js'
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

describe('bep3_bencode, from a peer (R46)', () => {
  const { cases } = readVectors(
    'bep3_bencode',
    t.type({ cases: t.array(t.type({ name: t.string, input_hex: t.union([t.string, t.null]) })) }),
  )
  const ids = [EXTENDED_HANDSHAKE_ID, ...EXTENSIONS.map(({ id }) => id)]

  it.each(cases.map(({ name, input_hex: hex }) => [name, fromHex(hex ?? '') ?? new Uint8Array(0)] as const))(
    '%s is the matter of its connection alone',
    (_name, payload) => {
      const fixture = checkedFixture()
      const other = fixture.peer({ extended: true })
      for (const id of ids) {
        const peer = fixture.peer({ extended: true })
        peer.says({ _tag: 'Extended', id, payload })
        expect(['ProtocolViolation', undefined]).toContain(peer.closedFor()?._tag)
      }
      expect(other.closedFor()).toBeUndefined()
    },
  )
})
