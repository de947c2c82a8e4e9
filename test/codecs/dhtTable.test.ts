import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { fromLatin1 } from '../../src/codecs/bytes.js'
import { decodeDhtTable, type DhtHomeTable, encodeDhtTable } from '../../src/codecs/dhtTable.js'
import { MAX_DHT_HOMES, MAX_SAVED_NODES } from '../../src/codecs/limits.js'

const bytes20 = fc.uint8Array({ minLength: 20, maxLength: 20 })
const port = fc.integer({ min: 1, max: 0xffff })
const home = fc.oneof(
  fc.record({
    family: fc.constant(4 as const),
    nodeId: bytes20,
    nodes: fc.array(fc.record({ id: bytes20, host: fc.ipV4(), port }), { maxLength: 20 }),
  }),
  fc.record({
    family: fc.constant(6 as const),
    nodeId: bytes20,
    nodes: fc.array(
      fc.record({
        id: bytes20,
        host: fc.integer({ min: 1, max: 0xffff }).map((n) => `2a00::${n.toString(16)}`),
        port,
      }),
      { maxLength: 20 },
    ),
  }),
)

describe('a saved routing table', () => {
  test.prop([fc.array(home, { maxLength: MAX_DHT_HOMES })])('is read as it was written', (homes) => {
    expect(decodeDhtTable(encodeDhtTable({ homes }))).toEqual(E.right({ homes }))
  })

  test.prop([fc.uint8Array({ maxLength: 300 })])(
    'that is something else is a Left, and never throws',
    (bytes) => {
      expect(E.isLeft(decodeDhtTable(bytes))).toBe(true)
    },
  )

  test.prop([fc.nat(), fc.integer({ min: 0, max: 255 })])('that is damaged never throws', (at, byte) => {
    const bytes = encodeDhtTable({ homes: [{ family: 4, nodeId: new Uint8Array(20), nodes: [] }] })
    bytes[at % bytes.length] = byte
    expect(() => decodeDhtTable(bytes)).not.toThrow()
  })

  it('keeps within its bounds', () => {
    const node = { id: new Uint8Array(20), host: '2a00::1', port: 1 }
    const large: DhtHomeTable = {
      family: 6,
      nodeId: new Uint8Array(20),
      nodes: Array.from({ length: MAX_SAVED_NODES + 1 }, () => node),
    }
    const read = decodeDhtTable(encodeDhtTable({ homes: Array.from({ length: 9 }, () => large) }))
    if (E.isLeft(read)) throw new Error('it cannot be read')
    expect(read.right.homes).toHaveLength(MAX_DHT_HOMES)
    for (const { nodes } of read.right.homes) expect(nodes).toHaveLength(MAX_SAVED_NODES)
  })

  it.each([
    'd5:homesle7:versioni2ee',
    'de',
    'd5:homesli1ee7:versioni1ee',
    'd5:homesld2:id2:xxee7:versioni1ee',
  ])('is refused as %s', (text) => {
    expect(E.isLeft(decodeDhtTable(fromLatin1(text)))).toBe(true)
  })
})
