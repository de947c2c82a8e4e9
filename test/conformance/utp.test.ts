import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { fromHex, toHex, toLatin1 } from '../../src/codecs/bytes.js'
import { isBefore } from '../../src/codecs/utp/sequence.js'
import { decodeUtp, encodeUtp, UTP_TYPE, type UtpPacket } from '../../src/codecs/utp/utpPacket.js'
import { readVectors } from './support/corpus.js'

const { types, packets, wrap } = readVectors(
  'bep29_utp',
  t.type({
    types: t.type({
      ST_DATA: t.number,
      ST_FIN: t.number,
      ST_STATE: t.number,
      ST_RESET: t.number,
      ST_SYN: t.number,
    }),
    packets: t.type({
      syn: t.string,
      state: t.string,
      data: t.string,
      fin: t.string,
      reset: t.string,
      sack: t.string,
    }),
    wrap: t.array(t.tuple([t.number, t.number, t.boolean])),
  }),
)

const bytesOf = (name: keyof typeof packets): Uint8Array => fromHex(packets[name]) ?? new Uint8Array(0)

const read = (name: keyof typeof packets): UtpPacket => {
  const packet = decodeUtp(bytesOf(name))
  if (E.isLeft(packet)) throw new Error(`${name} was refused`)
  return packet.right
}

describe('bep29_utp', () => {
  it('has our types', () => {
    expect(types).toEqual({
      ST_DATA: UTP_TYPE.data,
      ST_FIN: UTP_TYPE.fin,
      ST_STATE: UTP_TYPE.state,
      ST_RESET: UTP_TYPE.reset,
      ST_SYN: UTP_TYPE.syn,
    })
  })

  it.each(['syn', 'state', 'data', 'fin', 'reset', 'sack'] as const)('reads and writes %s', (name) => {
    expect(toHex(encodeUtp(read(name)))).toBe(packets[name])
  })

  it('reads what is in them', () => {
    expect(read('syn')).toMatchObject({
      type: UTP_TYPE.syn,
      connectionId: 0x1234,
      timestamp: 1_000_000,
      windowSize: 0x10_0000,
      seq: 1,
      ack: 0,
    })
    expect(read('state')).toMatchObject({
      type: UTP_TYPE.state,
      timestampDifference: 1_000,
      seq: 0xabcd,
      ack: 1,
    })
    expect(toLatin1(read('data').payload)).toBe('hello')
    expect(read('data')).toMatchObject({ connectionId: 0x1235, seq: 2, ack: 0xabcc })
    expect(read('fin')).toMatchObject({ type: UTP_TYPE.fin, seq: 0xffff, ack: 0 })
    expect(read('reset')).toMatchObject({ type: UTP_TYPE.reset, seq: 7, ack: 8 })
  })

  it('reads which packets a sack marks', () => {
    const { ack, sack = new Uint8Array(0) } = read('sack')
    const marked = [...sack].flatMap((byte, j) =>
      Array.from({ length: 8 }, (_, i) => i)
        .filter((i) => (byte & (1 << i)) !== 0)
        .map((i) => ack + 2 + 8 * j + i),
    )
    expect(marked).toEqual([22, 24, 53])
  })

  it.each(wrap)('whether %i comes before %i is %s', (a, b, isFirst) => {
    expect(isBefore(a, b)).toBe(isFirst)
  })

  it('ignores whatever is not whole', () => {
    const data = bytesOf('data')
    const sack = bytesOf('sack')
    const others = [
      data.slice().fill(2, 0, 1),
      data.slice().fill(0x51, 0, 1),
      data.subarray(0, 19),
      sack.subarray(0, sack.length - 1),
      sack.slice().fill(9, 21, 22),
      sack.slice().fill(0, 21, 22),
      sack.slice().fill(1, 20, 21),
    ]
    for (const bytes of others) expect(decodeUtp(bytes)._tag).toBe('Left')
  })
})
