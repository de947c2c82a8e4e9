import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { toHex } from '../../codecs/bytes.js'
import { checkPut, targetOf, type DhtItem, type PutRefusal } from '../../codecs/dhtItem.js'
import { MAX_STORED_ITEMS } from '../../codecs/limits.js'

/** BEP 44: an item that nobody puts again is forgotten. */
const ITEM_LIFE_MS = 2 * 60 * 60_000

interface Stored {
  readonly item: DhtItem
  readonly at: number
}

/**
 * The items that were put with us (BEP 44), by target in hexadecimal, the longest without a put first; that one gives way
 * where there are too many.
 *
 * Mutable, for one owner; written only through the functions of this file.
 */
export interface ItemStore {
  readonly limit: number
  readonly items: Map<string, Stored>
}

export const createItemStore = (limit = MAX_STORED_ITEMS): ItemStore => ({ limit, items: new Map() })

export const findItem = (store: ItemStore, target: Uint8Array, now: number): DhtItem | undefined => {
  const stored = store.items.get(toHex(target))
  return stored !== undefined && isAlive(stored, now) ? stored.item : undefined
}

/** Stores an item, if it may take the place of what is there. Its token was good. Answers with its target. */
export const storeItem = (
  store: ItemStore,
  item: DhtItem,
  cas: number | undefined,
  now: number,
): Either<PutRefusal, Uint8Array> => {
  const target = targetOf(item)
  return E.map(() => {
    const name = toHex(target)
    store.items.delete(name)
    store.items.set(name, { item: copyOf(item), at: now })
    if (store.items.size > store.limit) dropFirst(store)
    return target
  })(checkPut(findItem(store, target, now), item, cas))
}

/** Forgets what nobody has put again. To be called every few minutes. */
export const expireItems = (store: ItemStore, now: number): void => {
  for (const [name, stored] of store.items) {
    if (isAlive(stored, now)) return
    store.items.delete(name)
  }
}

const isAlive = ({ at }: Stored, now: number): boolean => now - at < ITEM_LIFE_MS

const dropFirst = ({ items }: ItemStore): void => {
  for (const name of items.keys()) {
    items.delete(name)
    return
  }
}

/** Its bytes are views of a packet. */
const copyOf = (item: DhtItem): DhtItem => {
  const v = item.v.slice()
  if (item._tag === 'ImmutableItem') return { ...item, v }
  return { ...item, v, k: item.k.slice(), salt: item.salt.slice(), sig: item.sig.slice() }
}
