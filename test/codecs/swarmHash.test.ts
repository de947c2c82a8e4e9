import { expect, it } from 'vitest'
import * as O from '#fp/Option'
import { swarmHash, swarmNames } from '../../src/codecs/swarmHash.js'

const v1 = new Uint8Array(20).fill(1)
const v2 = Uint8Array.from({ length: 32 }, (_, i) => i)

it('a torrent goes by v1 where it can, else by the first 20 bytes of v2', () => {
  expect(swarmHash({ infohash: { v1: O.some(v1), v2: O.none } })).toEqual(v1)
  expect(swarmHash({ infohash: { v1: O.some(v1), v2: O.some(v2) } })).toEqual(v1)
  expect(swarmHash({ infohash: { v1: O.none, v2: O.some(v2) } })).toEqual(v2.slice(0, 20))
})

it('a hybrid has two names', () => {
  expect(swarmNames({ infohash: { v1: O.some(v1), v2: O.none } })).toEqual([v1])
  expect(swarmNames({ infohash: { v1: O.none, v2: O.some(v2) } })).toEqual([v2.slice(0, 20)])
  expect(swarmNames({ infohash: { v1: O.some(v1), v2: O.some(v2) } })).toEqual([v1, v2.slice(0, 20)])
})
