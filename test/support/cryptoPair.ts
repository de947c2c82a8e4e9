import fc from 'fast-check'
import { concatBytes, equalBytes } from '../../src/codecs/bytes.js'
import type { CryptoHandshake, CryptoStep } from '../../src/codecs/encryption/cryptoHandshake.js'
import { createInitiator } from '../../src/codecs/encryption/initiator.js'
import type { CryptoMethod } from '../../src/codecs/encryption/method.js'
import { createResponder } from '../../src/codecs/encryption/responder.js'
import { torrentMark } from '../../src/codecs/encryption/secrets.js'
import { keyPairOf } from './keyPairOf.js'

export const infohash = new Uint8Array(20).fill(7)

export const pad = (length: number, zeros = length): CryptoPaddingOf => ({
  random: new Uint8Array(length).fill(0xa5),
  zeros,
})
type CryptoPaddingOf = { readonly random: Uint8Array; readonly zeros: number }

export interface PairOptions {
  readonly offered?: ReadonlyArray<CryptoMethod>
  readonly methods?: ReadonlyArray<CryptoMethod>
  readonly initiatorPadding?: CryptoPaddingOf
  readonly responderPadding?: CryptoPaddingOf
  readonly payload?: Uint8Array
  readonly sought?: Uint8Array
  readonly takesPlain?: boolean
}

const near = keyPairOf('d0460a0b00564380e0f645f7739c718d5b410cac')
const far = keyPairOf('0123456789abcdef0123456789abcdef01234567')

export const initiatorOf = (options: PairOptions = {}): CryptoHandshake =>
  createInitiator({
    keyPair: near,
    infohash: options.sought ?? infohash,
    offered: options.offered ?? ['rc4', 'plaintext'],
    padding: options.initiatorPadding ?? pad(0),
    payload: () => options.payload ?? new Uint8Array(0),
  })

export const responderOf = (options: PairOptions = {}): CryptoHandshake =>
  createResponder({
    newKeyPair: () => far,
    padding: options.responderPadding ?? pad(0),
    findTorrent: (mark) =>
      equalBytes(mark, torrentMark(infohash))
        ? { infohash, methods: options.methods ?? ['rc4', 'plaintext'] }
        : undefined,
    takesPlain: options.takesPlain ?? false,
  })

/** What one side came to. */
export interface Outcome {
  readonly last: CryptoStep
  /** What came behind the handshake, decrypted. */
  readonly payload: Uint8Array
}

/** Feeds all of it, cut so. The chunks are spoiled after each, as a socket does with what it lends. */
export const feed = (
  side: CryptoHandshake,
  bytes: Uint8Array,
  sizes: ReadonlyArray<number> = [],
): Outcome & { readonly reply: Uint8Array } => {
  const payload: Uint8Array[] = []
  const replies: Uint8Array[] = []
  let last: CryptoStep = { _tag: 'Shaking', reply: new Uint8Array(0) }
  let at = 0
  for (let i = 0; at < bytes.length && last._tag !== 'CryptoFailed'; i++) {
    const chunk = bytes.slice(at, at + (sizes[i] ?? bytes.length))
    at += chunk.length
    if (last._tag === 'Shaken') {
      last.cipher.decrypt(chunk)
      payload.push(chunk.slice())
    } else {
      last = side.read(chunk)
      if (last._tag === 'Shaken') payload.push(last.rest.slice())
      if (last._tag !== 'CryptoFailed') replies.push(last.reply)
    }
    chunk.fill(0xee)
  }
  return { last, payload: concatBytes(payload), reply: concatBytes(replies) }
}

export const cuts = fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 40 })
