import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { connectionToKeep } from '../../../src/operators/peer/connectionToKeep.js'

const peerId = fc.uint8Array({ minLength: 20, maxLength: 20 })
const direction = fc.constantFrom('incoming' as const, 'outgoing' as const)
const opposite = { incoming: 'outgoing', outgoing: 'incoming' } as const

describe('connectionToKeep', () => {
  const small = Uint8Array.of(1, 2, 255)
  const large = Uint8Array.of(1, 3, 0)

  it('keeps what the larger id opened', () => {
    expect(connectionToKeep(large, small, 'outgoing', 'incoming')).toBe('older')
    expect(connectionToKeep(large, small, 'incoming', 'outgoing')).toBe('newer')
    expect(connectionToKeep(small, large, 'outgoing', 'incoming')).toBe('newer')
    expect(connectionToKeep(small, large, 'incoming', 'outgoing')).toBe('older')
  })

  it('keeps the older of two in one direction', () => {
    expect(connectionToKeep(large, small, 'outgoing', 'outgoing')).toBe('older')
    expect(connectionToKeep(large, small, 'incoming', 'incoming')).toBe('older')
  })

  test.prop([peerId, peerId, direction, direction])(
    'is the same connection at both ends',
    (a, b, first, second) => {
      fc.pre(a.some((byte, index) => byte !== b[index]))
      expect(connectionToKeep(b, a, opposite[first], opposite[second])).toBe(
        connectionToKeep(a, b, first, second),
      )
    },
  )

  test.prop([peerId, peerId, direction])(
    'is the same connection, whichever each end saw first',
    (a, b, first) => {
      fc.pre(a.some((byte, index) => byte !== b[index]))
      const atA = connectionToKeep(a, b, first, opposite[first])
      const keptAtA = atA === 'older' ? first : opposite[first]
      const atB = connectionToKeep(b, a, first, opposite[first])
      const keptAtB = atB === 'older' ? first : opposite[first]
      expect(keptAtB).toBe(opposite[keptAtA])
    },
  )

  test.prop([fc.tuple(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(255), fc.nat(255))])(
    'looks at every byte',
    ([rest, x, y]) => {
      fc.pre(x !== y)
      const own = Uint8Array.of(...rest, x)
      const other = Uint8Array.of(...rest, y)
      expect(connectionToKeep(own, other, 'outgoing', 'incoming')).toBe(x > y ? 'older' : 'newer')
    },
  )
})
