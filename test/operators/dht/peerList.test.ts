import { fc, test } from '@fast-check/vitest'
import { expect } from 'vitest'
import { toHex } from '../../../src/codecs/bytes.js'
import {
  addressAt,
  createPeerList,
  dropBefore,
  putPeer,
  type PeerList,
} from '../../../src/operators/dht/peerList.js'

const address = (n: number): Uint8Array => Uint8Array.of(20, 0, 0, n, 0, 1)

const contents = (list: PeerList): ReadonlyMap<string, readonly [number, number]> =>
  new Map(
    Array.from({ length: list.length }, (_, i) => [
      toHex(addressAt(list, i)),
      [list.seenAt[i]!, list.seeds[i]!],
    ]),
  )

const step = fc.oneof(
  fc.record({ put: fc.nat({ max: 12 }), isSeed: fc.boolean() }),
  fc.record({ dropAgo: fc.nat({ max: 15 }) }),
)

test.prop([fc.array(step, { maxLength: 100 })])('a peer list is a map that forgets the oldest', (steps) => {
  const list = createPeerList(4, 7)
  const model = new Map<string, readonly [number, number]>()
  steps.forEach((step, now) => {
    if ('put' in step) {
      const key = toHex(address(step.put))
      model.delete(key)
      model.set(key, [now, step.isSeed ? 1 : 0])
      if (model.size > 7) model.delete([...model.keys()][0]!)
      putPeer(list, address(step.put), step.isSeed, now)
    } else {
      for (const [key, [at]] of model) if (at < now - step.dropAgo) model.delete(key)
      dropBefore(list, now - step.dropAgo)
    }
    expect(contents(list)).toEqual(model)
  })
})
