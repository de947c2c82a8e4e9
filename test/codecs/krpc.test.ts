import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import * as E from '#fp/Either'
import { decodeBencode } from '../../src/codecs/bencode.js'
import { decodeKrpc, encodeKrpc } from '../../src/codecs/krpc.js'
import { anyMessage } from './krpc/arbitraries.js'

describe('KRPC', () => {
  test.prop([anyMessage])('reads what it writes, and writes it in the canonical form', (message) => {
    const packet = encodeKrpc(message)
    expect(decodeKrpc(packet)).toEqual(E.right(message))
    expect(decodeBencode(packet)).toMatchObject(E.right({ isCanonical: true }))
  })

  test.prop([anyMessage, fc.nat(), fc.nat({ max: 255 })])(
    'never throws, whatever becomes of a packet',
    (message, where, byte) => {
      const packet = encodeKrpc(message)
      packet[where % packet.length] = byte
      for (const bytes of [packet, packet.subarray(0, where % packet.length)]) {
        const decoded = decodeKrpc(bytes)
        if (E.isRight(decoded)) expect(E.isRight(decodeKrpc(encodeKrpc(decoded.right)))).toBe(true)
        else expect(decoded.left.error).toHaveProperty('path')
      }
    },
  )

  test.prop([fc.uint8Array({ maxLength: 200 })])('refuses noise without an answer', (bytes) => {
    expect(decodeKrpc(bytes)).toMatchObject(E.left({ _tag: 'KrpcRefusal', reply: undefined }))
  })
})
