import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../src/codecs/bytes.js'
import type { CryptoStep } from '../../src/codecs/encryption/cryptoHandshake.js'
import { createInitiator } from '../../src/codecs/encryption/initiator.js'
import { GENERATOR, isUsableKey, PRIME } from '../../src/codecs/encryption/keyPair.js'
import { createRc4 } from '../../src/codecs/encryption/rc4.js'
import { createResponder } from '../../src/codecs/encryption/responder.js'
import { createCiphers, maskMark, syncMark, torrentMark } from '../../src/codecs/encryption/secrets.js'
import { keyPairOf, keyOf } from '../support/keyPairOf.js'
import { readVectors } from './support/corpus.js'

const common = { shared_secret_S_hex: t.string, skey_info_hash: t.string, req1_hash_hex: t.string }
const Mse = t.type({
  prime_hex: t.string,
  generator: t.number,
  sessions: t.type({
    incoming: t.type({
      ...common,
      responder_private_hex: t.string,
      responder_public_Yb_hex: t.string,
      initiator_public_Ya_hex: t.string,
      bytes_after_Ya_hex: t.string,
      padA_len: t.number,
      obfuscated_skey_hash_hex: t.string,
      decrypted_hex: t.string,
    }),
    outgoing: t.type({
      ...common,
      initiator_private_hex: t.string,
      initiator_public_Ya_hex: t.string,
      responder_public_Yb_hex: t.string,
      bytes_after_Yb_hex: t.string,
      padB_len: t.number,
      encrypted_vc_hex: t.string,
      decrypted_after_vc_hex: t.string,
      expect: t.type({ padD_len: t.number }),
    }),
  }),
  degenerate_public_keys: t.array(t.string),
  rc4_rfc6229: t.array(t.type({ key: t.string, at_1024: t.string, at_4096: t.string })),
})

const vectors = readVectors('mse', Mse)
const { incoming, outgoing } = vectors.sessions
const bytesOf = (hex: string): Uint8Array => {
  const bytes = fromHex(hex)
  if (bytes === undefined) throw new Error('no hexadecimal')
  return bytes
}
const join = (...parts: ReadonlyArray<string>): Uint8Array => bytesOf(parts.join(''))
const NO_PADDING = { random: new Uint8Array(0), zeros: 0 }

describe('MSE', () => {
  it('has the prime and the generator', () => {
    expect(toHex(PRIME).toUpperCase()).toBe(vectors.prime_hex)
    expect(GENERATOR).toBe(vectors.generator)
  })

  it.each(vectors.rc4_rfc6229)('RC4 with the key $key (RFC 6229)', ({ key, at_1024, at_4096 }) => {
    for (const [discarded, expected] of [
      [1024, at_1024],
      [4096, at_4096],
    ] as const) {
      const stream = new Uint8Array(16)
      createRc4(bytesOf(key), discarded)(stream)
      expect(toHex(stream)).toBe(expected)
    }
  })

  it.each(vectors.degenerate_public_keys)('refuses %s as a public key', (name) => {
    const prime = BigInt(`0x${vectors.prime_hex}`)
    const key = { '0': 0n, '1': 1n, 'p-1': prime - 1n, p: prime }[name]
    expect(key).toBeDefined()
    expect(isUsableKey(keyOf(key ?? 2n))).toBe(false)
    expect([2n, prime - 2n].map((fine) => isUsableKey(keyOf(fine)))).toEqual([true, true])
  })

  it('derives what the recorded sessions had', () => {
    const pair = keyPairOf(incoming.responder_private_hex)
    expect(toHex(pair.publicKey)).toBe(incoming.responder_public_Yb_hex)
    for (const [session, theirs] of [
      [incoming, incoming.initiator_public_Ya_hex],
      [outgoing, outgoing.responder_public_Yb_hex],
    ] as const) {
      const secret = pair.secretWith(bytesOf(theirs))
      expect(toHex(secret ?? new Uint8Array(0))).toBe(session.shared_secret_S_hex)
      expect(toHex(syncMark(bytesOf(session.shared_secret_S_hex)))).toBe(session.req1_hash_hex)
    }
    const mark = torrentMark(bytesOf(incoming.skey_info_hash))
    expect(toHex(maskMark(mark, bytesOf(incoming.shared_secret_S_hex)))).toBe(
      incoming.obfuscated_skey_hash_hex,
    )
    const check = new Uint8Array(8)
    createCiphers(bytesOf(outgoing.shared_secret_S_hex), bytesOf(outgoing.skey_info_hash)).fromResponder(
      check,
    )
    expect(toHex(check)).toBe(outgoing.encrypted_vc_hex)
  })

  const inOneAndByByte: ReadonlyArray<readonly [string, number]> = [
    ['in one', 4096],
    ['byte by byte', 1],
  ]
  const feed = (read: (chunk: Uint8Array) => CryptoStep, bytes: Uint8Array, size: number): Uint8Array => {
    const out: number[] = []
    let cipher: (CryptoStep & { readonly _tag: 'Shaken' })['cipher'] | undefined
    for (let at = 0; at < bytes.length; at += size) {
      const chunk = bytes.slice(at, at + size)
      if (cipher !== undefined) {
        cipher.decrypt(chunk)
        out.push(...chunk)
        continue
      }
      const step = read(chunk)
      if (step._tag === 'CryptoFailed') throw new Error(step.error)
      if (step._tag === 'Shaking') continue
      ;({ cipher } = step)
      out.push(...step.rest)
    }
    expect(cipher?.method).toBe('rc4')
    return Uint8Array.from(out)
  }

  it.each(inOneAndByByte)('answers the recorded incoming session, %s', (_, size) => {
    const infohash = bytesOf(incoming.skey_info_hash)
    const { read } = createResponder({
      newKeyPair: () => keyPairOf(incoming.responder_private_hex),
      padding: NO_PADDING,
      findTorrent: (mark) =>
        toHex(mark) === toHex(torrentMark(infohash))
          ? { infohash, methods: ['rc4', 'plaintext'] }
          : undefined,
      takesPlain: false,
    })
    const payload = feed(read, join(incoming.initiator_public_Ya_hex, incoming.bytes_after_Ya_hex), size)
    // Behind the check, what is offered, two lengths.
    expect(toHex(payload)).toBe(incoming.decrypted_hex.slice(2 * (8 + 4 + 2 + 2)))
  })

  it.each(inOneAndByByte)('goes through the recorded outgoing session, %s', (_, size) => {
    const { opening, read } = createInitiator({
      keyPair: keyPairOf(outgoing.initiator_private_hex),
      infohash: bytesOf(outgoing.skey_info_hash),
      offered: ['rc4'],
      padding: NO_PADDING,
      payload: () => new Uint8Array(0),
    })
    expect(toHex(opening)).toBe(outgoing.initiator_public_Ya_hex)
    const payload = feed(read, join(outgoing.responder_public_Yb_hex, outgoing.bytes_after_Yb_hex), size)
    expect(toHex(payload)).toBe(outgoing.decrypted_after_vc_hex.slice(2 * (4 + 2 + outgoing.expect.padD_len)))
  })
})
