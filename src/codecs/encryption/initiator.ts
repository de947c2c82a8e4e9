import { concatBytes } from '../bytes.js'
import { MAX_CRYPTO_PADDING_BYTES } from '../limits.js'
import type { CryptoHandshake, CryptoPadding } from './cryptoHandshake.js'
import { isUsableKey, KEY_LENGTH, type KeyPair } from './keyPair.js'
import { type CryptoMethod, encodeMethods, METHODS_LENGTH, selectedMethod } from './method.js'
import { createPipeCipher } from './pipeCipher.js'
import { type Ciphers, createCiphers, maskMark, syncMark, torrentMark, VERIFICATION } from './secrets.js'
import { findMark, readUint16, type Stage, stepReader, through, writeUint16 } from './stepReader.js'

export interface InitiatorOptions {
  readonly keyPair: KeyPair
  readonly infohash: Uint8Array
  /** What the other side may choose from. */
  readonly offered: ReadonlyArray<CryptoMethod>
  readonly padding: CryptoPadding
  /** What to send along, at most 65 535 bytes; asked for once, when the other side has answered. */
  readonly payload: () => Uint8Array
}

/**
 * The side that dials:
 *
 * ```
 * → our key, padding
 * ←                    its key, padding
 * → syncMark, masked torrentMark, [VERIFICATION, offered, length and zeros, length of the payload], [payload]
 * ←                    padding, [VERIFICATION, selected, length and zeros], payload …
 * ```
 *
 * What is in brackets is encrypted.
 */
export const createInitiator = (options: InitiatorOptions): CryptoHandshake => {
  const { keyPair, infohash, offered, padding } = options

  const awaitKey: Stage = (bytes) => {
    if (bytes.length < KEY_LENGTH) return 'more'
    const key = bytes.subarray(0, KEY_LENGTH)
    const secret = isUsableKey(key) ? keyPair.secretWith(key) : undefined
    if (secret === undefined) return 'bad-key'
    const ciphers = createCiphers(secret, infohash)
    const payload = options.payload()
    const sealed = concatBytes([
      VERIFICATION,
      encodeMethods(offered),
      writeUint16(padding.zeros),
      new Uint8Array(padding.zeros),
      writeUint16(payload.length),
      payload,
    ])
    ciphers.fromInitiator(sealed)
    const reply = concatBytes([syncMark(secret), maskMark(torrentMark(infohash), secret), sealed])
    return { used: KEY_LENGTH, reply, next: awaitCheck(ciphers) }
  }

  /** Encrypted it is what the key stream begins with. */
  const awaitCheck = (ciphers: Ciphers): Stage => {
    const mark = through(ciphers.fromResponder, VERIFICATION)
    return (bytes) => {
      const at = findMark(bytes, mark, MAX_CRYPTO_PADDING_BYTES)
      if (at === undefined) return 'more'
      return at < 0 ? 'no-sync' : { used: at + mark.length, next: awaitSelection(ciphers) }
    }
  }

  const awaitSelection =
    (ciphers: Ciphers): Stage =>
    (bytes) => {
      const length = METHODS_LENGTH + 2
      if (bytes.length < length) return 'more'
      const open = through(ciphers.fromResponder, bytes.subarray(0, length))
      const method = selectedMethod(open, 0, offered)
      if (method === undefined) return 'no-method'
      const zeros = readUint16(open, METHODS_LENGTH)
      if (zeros > MAX_CRYPTO_PADDING_BYTES) return 'too-much-padding'
      return { used: length, next: awaitZeros(ciphers, method, zeros) }
    }

  const awaitZeros =
    ({ fromResponder, fromInitiator }: Ciphers, method: CryptoMethod, zeros: number): Stage =>
    (bytes) => {
      if (bytes.length < zeros) return 'more'
      through(fromResponder, bytes.subarray(0, zeros))
      return { used: zeros, cipher: createPipeCipher(method, fromResponder, fromInitiator) }
    }

  return { opening: concatBytes([keyPair.publicKey, padding.random]), read: stepReader(awaitKey) }
}
