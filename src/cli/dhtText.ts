import * as E from '#fp/Either'
import { decodeBencode, type DhtItem } from '../index.js'
import { plainText } from './format/plainText.js'

/** Bytes in hexadecimal. */
export const toHexText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** The text that an item holds; undefined for any other value. */
const textIn = ({ v }: DhtItem): string | undefined => {
  const decoded = decodeBencode(v)
  if (E.isLeft(decoded) || !(decoded.right.value instanceof Uint8Array)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(decoded.right.value)
  } catch {
    return undefined
  }
}

/** An item for people: its text, or its bencoded bytes in hexadecimal. */
export const itemText = (item: DhtItem): string => {
  const text = textIn(item)
  return text === undefined ? toHexText(item.v) : plainText(text)
}

/** The DHT as such cannot be reached. */
export const NOBODY_ANSWERED = 'nobody in the DHT answered: no way into it from here'

/** An item for programs. */
export const itemObject = (item: DhtItem, target: Uint8Array): object => ({
  target: toHexText(target),
  key: item._tag === 'MutableItem' ? toHexText(item.k) : null,
  seq: item._tag === 'MutableItem' ? item.seq : null,
  text: textIn(item) ?? null,
  bencoded: toHexText(item.v),
})
