import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { fromLatin1 } from '../../../src/codecs/bytes.js'
import { signItem, targetOf, type DhtItem } from '../../../src/codecs/dhtItem.js'
import { createItemStore, expireItems, findItem, storeItem } from '../../../src/operators/dht/itemStore.js'

const HOUR = 3_600_000
const immutable = (n: number): DhtItem => ({ _tag: 'ImmutableItem', v: fromLatin1(`i${String(n)}e`) })
const seed = new Uint8Array(32).fill(1)
const mutable = (seq: number): DhtItem => signItem({ seed, seq, v: fromLatin1(`i${String(seq)}e`) })

describe('the store of items', () => {
  it('has what was put, for two hours after the last time', () => {
    const store = createItemStore()
    const item = immutable(1)
    expect(storeItem(store, item, undefined, 0)).toEqual(E.right(targetOf(item)))
    storeItem(store, immutable(2), undefined, 0)
    expect(storeItem(store, item, undefined, HOUR)).toEqual(E.right(targetOf(item)))
    expect(findItem(store, targetOf(item), 3 * HOUR - 1)).toEqual(item)
    expect(findItem(store, targetOf(item), 3 * HOUR)).toBeUndefined()
    expireItems(store, 2 * HOUR)
    expect(store.items.size).toBe(1)
    expireItems(store, 3 * HOUR)
    expect(store.items.size).toBe(0)
  })

  it('replaces a mutable item by a newer one only', () => {
    const store = createItemStore()
    const target = targetOf(mutable(0))
    storeItem(store, mutable(3), undefined, 0)
    expect(storeItem(store, mutable(2), undefined, 0)).toMatchObject(E.left({ code: 302 }))
    expect(storeItem(store, mutable(4), 2, 0)).toMatchObject(E.left({ code: 301 }))
    expect(findItem(store, target, 0)).toEqual(mutable(3))
    expect(storeItem(store, mutable(4), 3, 0)).toEqual(E.right(target))
    expect(findItem(store, target, 0)).toEqual(mutable(4))
  })

  it('may be told an older one once the newer has gone', () => {
    const store = createItemStore()
    storeItem(store, mutable(3), undefined, 0)
    expect(storeItem(store, mutable(2), undefined, 2 * HOUR)).toEqual(E.right(targetOf(mutable(2))))
  })

  it('keeps 700 items, the latest', () => {
    const store = createItemStore()
    for (let n = 0; n < 1_000; n++) storeItem(store, immutable(n), undefined, 0)
    expect(store.items.size).toBe(700)
    expect(findItem(store, targetOf(immutable(299)), 0)).toBeUndefined()
    expect(findItem(store, targetOf(immutable(300)), 0)).toEqual(immutable(300))
  })

  it('keeps the bytes themselves, not the packets that they came in', () => {
    const store = createItemStore()
    const v = fromLatin1('i1e')
    storeItem(store, { _tag: 'ImmutableItem', v }, undefined, 0)
    v.fill(0)
    expect(findItem(store, targetOf(immutable(1)), 0)).toEqual(immutable(1))
  })
})
