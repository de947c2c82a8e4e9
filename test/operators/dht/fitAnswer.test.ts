import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { decodeKrpc, type KrpcAnswer, type KrpcResponse } from '../../../src/codecs/krpc.js'
import { fitAnswer } from '../../../src/operators/dht/fitAnswer.js'

const id = new Uint8Array(20).fill(1)
const node = (host: string) => ({ id, host, port: 1 })
const response = (answer: Partial<KrpcAnswer>): KrpcResponse => ({
  _tag: 'KrpcResponse',
  transaction: Uint8Array.of(1, 2, 3, 4),
  answer: { id, ...answer },
})
const full = response({
  nodes: Array.from({ length: 8 }, () => node('8.8.8.8')),
  nodes6: Array.from({ length: 8 }, () => node('2a00::1')),
  values: Array.from({ length: 100 }, (_, i) => ({ host: '8.8.8.8', port: i + 1 })),
  token: new Uint8Array(8),
})

const answerIn = (bytes: Uint8Array | undefined): KrpcAnswer | undefined => {
  if (bytes === undefined) return undefined
  const decoded = decodeKrpc(bytes)
  return E.isRight(decoded) && decoded.right._tag === 'KrpcResponse' ? decoded.right.answer : undefined
}

describe('fitAnswer', () => {
  test.prop([fc.integer({ min: 0, max: 2_000 })])(
    'keeps within its room, as long as there is any',
    (room) => {
      const bytes = fitAnswer(full, room)
      if (bytes === undefined) expect(room).toBeLessThan(120)
      else expect(bytes.length).toBeLessThanOrEqual(room)
    },
  )

  it('leaves something of each list', () => {
    const answer = answerIn(fitAnswer(full, 700))
    for (const list of [answer?.nodes, answer?.nodes6, answer?.values])
      expect(list?.length).toBeGreaterThan(2)
    expect(answer?.token).toHaveLength(8)
  })

  it('leaves a value out as a whole', () => {
    const v = new TextEncoder().encode(`900:${'x'.repeat(900)}`)
    const item = response({
      v,
      k: new Uint8Array(32),
      sig: new Uint8Array(64),
      seq: 4,
      token: new Uint8Array(8),
    })
    expect(answerIn(fitAnswer(item, 1_200))).toMatchObject({ v, seq: 4 })
    const without = answerIn(fitAnswer(item, 800))
    expect(without).toMatchObject({ token: new Uint8Array(8) })
    expect(without?.v ?? without?.k ?? without?.sig ?? without?.seq).toBeUndefined()
  })
})
