import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes } from '../../../src/codecs/bytes.js'
import type { CryptoStep } from '../../../src/codecs/encryption/cryptoHandshake.js'
import type { CryptoMethod } from '../../../src/codecs/encryption/method.js'
import { KEY_LENGTH, PRIME } from '../../../src/codecs/encryption/keyPair.js'
import { encodeHandshake } from '../../../src/codecs/handshake.js'
import { MAX_CRYPTO_PADDING_BYTES } from '../../../src/codecs/limits.js'
import {
  cuts,
  feed,
  infohash,
  initiatorOf,
  type PairOptions,
  pad,
  responderOf,
} from '../../support/cryptoPair.js'
import { keyOf } from '../../support/keyPairOf.js'

const hello = encodeHandshake({ infohash, peerId: new Uint8Array(20).fill(1), reserved: new Uint8Array(8) })
const words = Uint8Array.from({ length: 300 }, (_, i) => i & 0xff)

const failure = (step: CryptoStep): string => (step._tag === 'CryptoFailed' ? step.error : step._tag)

const shaken = (step: CryptoStep): CryptoStep & { readonly _tag: 'Shaken' } => {
  if (step._tag !== 'Shaken') throw new Error(failure(step))
  return step
}

/** Both sides, and what each says behind its handshake; each hears the other in chunks of those sizes. */
const meet = (options: PairOptions, sizes: ReadonlyArray<number> = []) => {
  const near = initiatorOf(options)
  const far = responderOf(options)
  const greeted = feed(far, near.opening, sizes)
  const answered = feed(near, greeted.reply, sizes)
  const agreed = feed(far, answered.reply, sizes)
  const method = shaken(agreed.last).cipher.method
  const fromFar = words.slice()
  shaken(agreed.last).cipher.encrypt(fromFar)
  const done = feed(near, concatBytes([agreed.reply, fromFar]), sizes)
  const fromNear = words.slice()
  shaken(done.last).cipher.encrypt(fromNear)
  const onWire = fromNear.slice()
  shaken(agreed.last).cipher.decrypt(fromNear)
  return { method, agreed, done, heardByFar: concatBytes([agreed.payload, fromNear]), onWire }
}

describe('the handshake of MSE', () => {
  it.each<[ReadonlyArray<CryptoMethod>, ReadonlyArray<CryptoMethod>, CryptoMethod]>([
    [['rc4'], ['rc4'], 'rc4'],
    [['rc4', 'plaintext'], ['rc4', 'plaintext'], 'rc4'],
    [['rc4', 'plaintext'], ['plaintext', 'rc4'], 'plaintext'],
    [['plaintext'], ['rc4', 'plaintext'], 'plaintext'],
    [['plaintext', 'rc4'], ['rc4'], 'rc4'],
  ])('offered %j, wanted %j: %s', (offered, methods, expected) => {
    const { method, done, heardByFar, onWire } = meet({ offered, methods, payload: hello })
    expect(method).toBe(expected)
    expect(shaken(done.last).cipher.method).toBe(expected)
    expect(done.payload).toEqual(words)
    expect(heardByFar).toEqual(concatBytes([hello, words]))
    expect(onWire.every((byte, i) => byte === words[i])).toBe(expected === 'plaintext')
  })

  it('comes to the same however the bytes are cut, and whatever the paddings', () => {
    const padding = fc.record({
      random: fc.uint8Array({ maxLength: MAX_CRYPTO_PADDING_BYTES }),
      zeros: fc.nat(MAX_CRYPTO_PADDING_BYTES),
    })
    const method = fc.constantFrom<CryptoMethod>('rc4', 'plaintext')
    fc.assert(
      fc.property(
        padding,
        padding,
        fc.uint8Array(),
        method,
        cuts,
        (initial, answering, payload, only, sizes) => {
          const options: PairOptions = {
            initiatorPadding: initial,
            responderPadding: answering,
            payload,
            methods: [only],
          }
          const { method: chosen, done, heardByFar } = meet(options, sizes)
          expect(chosen).toBe(only)
          expect(done.payload).toEqual(words)
          expect(heardByFar).toEqual(concatBytes([payload, words]))
        },
      ),
    )
  })

  it('takes the longest paddings', () => {
    const longest = pad(MAX_CRYPTO_PADDING_BYTES)
    expect(meet({ initiatorPadding: longest, responderPadding: longest }).method).toBe('rc4')
  })

  it('refuses the rest where no method suits both', () => {
    const near = initiatorOf({ offered: ['plaintext'] })
    const far = responderOf({ methods: ['rc4'] })
    const answered = feed(near, feed(far, near.opening).reply)
    expect(failure(feed(far, answered.reply).last)).toBe('no-method')
  })

  it('does not go on with a method that was not offered', () => {
    const near = initiatorOf({ offered: ['rc4'] })
    // It wants what the first one offered.
    const far = responderOf({ methods: ['plaintext'] })
    const asking = initiatorOf({ offered: ['plaintext'] })
    const greeted = feed(far, asking.opening)
    feed(near, greeted.reply)
    const agreed = feed(far, feed(asking, greeted.reply).reply)
    expect(failure(feed(near, agreed.reply).last)).toBe('no-method')
  })

  it('knows nobody for a torrent that it does not have', () => {
    const near = initiatorOf({ sought: new Uint8Array(20).fill(8) })
    const far = responderOf()
    const { reply } = feed(near, feed(far, near.opening).reply)
    expect(failure(feed(far, reply).last)).toBe('unknown-torrent')
  })

  const prime = PRIME.reduce((number, byte) => number * 256n + BigInt(byte), 0n)
  it.each([
    ['0', 0n],
    ['1', 1n],
    ['the prime less 1', prime - 1n],
    ['the prime', prime],
    ['more than the prime', prime + 1n],
    ['all ones', 2n ** 768n - 1n],
  ])('refuses %s as a public key, on both sides', (_, key) => {
    for (const side of [initiatorOf(), responderOf()]) {
      const { last, reply } = feed(side, keyOf(key))
      expect(failure(last)).toBe('bad-key')
      expect(reply).toHaveLength(0)
    }
  })

  it.each([
    ['the responder', () => responderOf(), MAX_CRYPTO_PADDING_BYTES + 20],
    ['the initiator', () => initiatorOf(), MAX_CRYPTO_PADDING_BYTES + 8],
  ])('%s does not look for the end of the padding for longer than it may be', (_, create, most) => {
    const side = create()
    const key = keyOf(2n)
    expect(side.read(key)._tag).toBe('Shaking')
    const endless = new Uint8Array(1).fill(0x5a)
    for (let i = 1; i < most; i++) expect(side.read(endless)._tag).toBe('Shaking')
    expect(failure(side.read(endless))).toBe('no-sync')
  })

  it.each([
    ['the initiator’s', { initiatorPadding: pad(MAX_CRYPTO_PADDING_BYTES + 1, 0) }, 'no-sync'],
    ['its zeros', { initiatorPadding: pad(0, MAX_CRYPTO_PADDING_BYTES + 1) }, 'too-much-padding'],
  ])('the responder refuses padding that is too long: %s', (_, options, error) => {
    const near = initiatorOf(options)
    const far = responderOf(options)
    const greeted = feed(far, near.opening)
    if (greeted.last._tag === 'CryptoFailed') {
      expect(greeted.last.error).toBe(error)
      return
    }
    expect(failure(feed(far, feed(near, greeted.reply).reply).last)).toBe(error)
  })

  it.each([
    ['the responder’s', { responderPadding: pad(MAX_CRYPTO_PADDING_BYTES + 1, 0) }, 'no-sync'],
    ['its zeros', { responderPadding: pad(0, MAX_CRYPTO_PADDING_BYTES + 1) }, 'too-much-padding'],
  ])('the initiator refuses padding that is too long: %s', (_, options, error) => {
    const near = initiatorOf(options)
    const far = responderOf(options)
    const greeted = feed(far, near.opening)
    const answered = feed(near, greeted.reply)
    expect(failure(feed(near, feed(far, answered.reply).reply).last)).toBe(error)
  })

  it('refuses another verification than eight zeros', () => {
    const near = initiatorOf()
    const far = responderOf()
    const { reply } = feed(near, feed(far, near.opening).reply)
    const spoiled = reply.slice()
    spoiled[20 + 20]! ^= 1
    expect(failure(feed(far, spoiled).last)).toBe('bad-check')
  })

  it('lets who comes plain in, or does not', () => {
    const whole = concatBytes([hello, words])
    fc.assert(
      fc.property(cuts, (sizes) => {
        const { last, payload, reply } = feed(responderOf({ takesPlain: true }), whole, sizes)
        expect(shaken(last).cipher.method).toBe('plaintext')
        expect(payload).toEqual(whole)
        expect(reply).toHaveLength(0)
        expect(failure(feed(responderOf({ takesPlain: false }), whole, sizes).last)).toBe('plain')
      }),
    )
  })

  it('never throws, nor waits for more than 700 bytes of nonsense', () => {
    const nonsense = fc.uint8Array({ minLength: 700, maxLength: 1_000 })
    fc.assert(
      fc.property(nonsense, cuts, fc.boolean(), (bytes, sizes, isNear) => {
        const side = isNear ? initiatorOf() : responderOf({ takesPlain: true })
        expect(feed(side, bytes, sizes).last._tag).toBe('CryptoFailed')
      }),
    )
  })

  it('never throws at a handshake of which a byte is another', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        cuts,
        (where, change, isNear, sizes) => {
          const near = initiatorOf({ payload: hello })
          const far = responderOf()
          const greeted = feed(far, near.opening)
          const answered = feed(near, greeted.reply)
          const good = isNear
            ? concatBytes([greeted.reply, feed(far, answered.reply).reply])
            : concatBytes([near.opening, answered.reply])
          const spoiled = good.slice()
          spoiled[where % good.length]! ^= change
          const fresh = isNear ? initiatorOf({ payload: hello }) : responderOf()
          expect(['Shaken', 'Shaking', 'CryptoFailed']).toContain(feed(fresh, spoiled, sizes).last._tag)
        },
      ),
    )
  })

  it('asks for the platform’s key only when there is one to answer', () => {
    const far = responderOf()
    expect(feed(far, new Uint8Array(KEY_LENGTH - 1).fill(1)).reply).toHaveLength(0)
    expect(feed(far, new Uint8Array(1)).reply).toHaveLength(KEY_LENGTH)
  })
})
