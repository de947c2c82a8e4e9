import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { fromLatin1 } from '../../src/codecs/bytes.js'
import {
  checkItem,
  checkPut,
  mutableTarget,
  signItem,
  targetOf,
  type DhtItem,
} from '../../src/codecs/dhtItem.js'
import { itemOfAnswer } from '../../src/codecs/krpc/itemOfAnswer.js'
import { anyValue, bytesOf } from './krpc/arbitraries.js'

const seed = new Uint8Array(32).fill(1)
const id = new Uint8Array(20)
const v = fromLatin1('5:hello')
const item = (seq: number, value = v): DhtItem => signItem({ seed, seq, v: value })
const refusal = (code: number) => E.left(expect.objectContaining({ _tag: 'PutRefusal', code }))

describe('an item of the DHT (BEP 44)', () => {
  test.prop([bytesOf(32), anyValue, fc.maxSafeNat(), fc.uint8Array({ maxLength: 64 })], { numRuns: 30 })(
    'that was signed is believed, by who knows key and salt',
    (anySeed, value, seq, salt) => {
      const signed = signItem({ seed: anySeed, seq, v: value, salt })
      const target = mutableTarget(signed.k, salt)
      expect(targetOf(signed)).toEqual(target)
      expect(checkItem(signed)).toEqual(E.right(signed))
      const { k, sig } = signed
      expect(itemOfAnswer({ id, v: value, k, sig, seq }, target, salt)).toEqual(O.some(signed))
      expect(itemOfAnswer({ id, v: value, k, sig, seq: seq === 0 ? 1 : seq - 1 }, target, salt)).toEqual(
        O.none,
      )
      expect(itemOfAnswer({ id, v: value, k, sig, seq }, target, Uint8Array.of(...salt, 1))).toEqual(O.none)
      expect(itemOfAnswer({ id, v: value }, target, salt)).toEqual(O.none)
    },
  )

  test.prop([anyValue])('that is immutable is believed by its hash', (value) => {
    const immutable: DhtItem = { _tag: 'ImmutableItem', v: value }
    expect(itemOfAnswer({ id, v: value }, targetOf(immutable))).toEqual(O.some(immutable))
    expect(itemOfAnswer({ id, v: value }, id)).toEqual(O.none)
    expect(itemOfAnswer({ id }, targetOf(immutable))).toEqual(O.none)
  })

  it('is stored where there is none, or an older one', () => {
    expect(E.isRight(checkPut(undefined, item(0)))).toBe(true)
    expect(E.isRight(checkPut(item(4), item(5)))).toBe(true)
    expect(E.isRight(checkPut(item(4), item(5), 4))).toBe(true)
    expect(E.isRight(checkPut(undefined, item(5), 4))).toBe(true)
    expect(E.isRight(checkPut(item(5), item(5)))).toBe(true)
  })

  it('is refused where there is a newer one, or another one of the same number', () => {
    expect(checkPut(item(5), item(4))).toEqual(refusal(302))
    expect(checkPut(item(5), item(5, fromLatin1('i1e')))).toEqual(refusal(302))
  })

  it('is refused where somebody else has written meanwhile', () => {
    expect(checkPut(item(5), item(6), 4)).toEqual(refusal(301))
  })

  it('is refused where it is too big', () => {
    const big = fromLatin1(`996:${'a'.repeat(996)}`)
    expect(big).toHaveLength(1_000)
    expect(E.isRight(checkPut(undefined, { _tag: 'ImmutableItem', v: big }))).toBe(true)
    const bigger = fromLatin1(`997:${'a'.repeat(997)}`)
    expect(checkPut(undefined, { _tag: 'ImmutableItem', v: bigger })).toEqual(refusal(205))
    expect(checkPut(undefined, item(1, bigger))).toEqual(refusal(205))
    const salted = signItem({ seed, seq: 1, v, salt: new Uint8Array(65) })
    expect(checkPut(undefined, salted)).toEqual(refusal(207))
  })

  it('is refused where its owner has not signed it', () => {
    const signed = signItem({ seed, seq: 1, v })
    expect(checkPut(undefined, { ...signed, seq: 2 })).toEqual(refusal(206))
    expect(checkPut(undefined, { ...signed, salt: Uint8Array.of(1) })).toEqual(refusal(206))
    expect(checkPut(signed, { ...signed, sig: new Uint8Array(64) })).toEqual(refusal(206))
  })
})
