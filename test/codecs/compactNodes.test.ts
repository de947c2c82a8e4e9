import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { decodeCompactNodes, encodeCompactNodes } from '../../src/codecs/compactNodes.js'
import { anyNode } from './krpc/arbitraries.js'

const id = new Uint8Array(20).fill(7)

describe('compact nodes', () => {
  test.prop([fc.array(anyNode(4), { maxLength: 20 })])('round trip with 26 bytes each', (nodes) => {
    const bytes = encodeCompactNodes(nodes, 4)
    expect(bytes).toHaveLength(26 * nodes.length)
    expect(decodeCompactNodes(bytes, 4, 100, 'nodes')).toEqual(E.right(nodes))
  })

  test.prop([fc.array(anyNode(16), { maxLength: 20 })])('round trip with 38 bytes each', (nodes) => {
    const bytes = encodeCompactNodes(nodes, 16)
    expect(bytes).toHaveLength(38 * nodes.length)
    expect(decodeCompactNodes(bytes, 16, 100, 'nodes6')).toEqual(E.right(nodes))
  })

  it('writes only the family that it is asked for, and no node without an id', () => {
    const nodes = [
      { id, host: '1.2.3.4', port: 5 },
      { id, host: '2001:db8::1', port: 6 },
      { id, host: 'localhost', port: 7 },
      { id: id.subarray(1), host: '1.2.3.4', port: 8 },
    ]
    expect(encodeCompactNodes(nodes, 4)).toEqual(Uint8Array.of(...id, 1, 2, 3, 4, 0, 5))
    expect(encodeCompactNodes(nodes, 16)).toHaveLength(38)
  })

  it('reads at most as many as it is asked for, and none with port 0', () => {
    const nodes = [0, 1, 2, 3].map((port) => ({ id, host: '1.2.3.4', port }))
    expect(decodeCompactNodes(encodeCompactNodes(nodes, 4), 4, 2, 'nodes')).toEqual(
      E.right(nodes.slice(1, 3)),
    )
  })

  it('refuses what is cut', () => {
    expect(decodeCompactNodes(new Uint8Array(27), 4, 8, 'r.nodes')).toEqual(
      E.left({
        _tag: 'InvalidField',
        path: 'r.nodes',
        expected: 'a multiple of 26 bytes',
        offset: undefined,
      }),
    )
    expect(E.isLeft(decodeCompactNodes(new Uint8Array(26), 16, 8, 'r.nodes6'))).toBe(true)
  })
})
