import { concatBytes } from '../bytes.js'
import { MAX_CRYPTO_PADDING_BYTES } from '../limits.js'
import type { CryptoHandshake, CryptoPadding } from './cryptoHandshake.js'
import { isUsableKey, KEY_LENGTH, type NewKeyPair } from './keyPair.js'
import { startsLikeHandshake } from '../handshake.js'
import { chooseMethod, type CryptoMethod, encodeMethods, METHODS_LENGTH } from './method.js'
import { createPipeCipher, plainPipe } from './pipeCipher.js'
import { type Ciphers, createCiphers, maskMark, syncMark, VERIFICATION } from './secrets.js'
import { findMark, readUint16, type Stage, stepReader, through, writeUint16 } from './stepReader.js'

/** A torrent that may be asked for. */
export interface SoughtTorrent {
  readonly infohash: Uint8Array
  /** How to go on, the best first. */
  readonly methods: ReadonlyArray<CryptoMethod>
}

export interface ResponderOptions {
  /** Called when the other side's key is there, so that who sends less costs nothing. */
  readonly newKeyPair: NewKeyPair
  readonly padding: CryptoPadding
  /** The torrent of that `torrentMark`. */
  readonly findTorrent: (mark: Uint8Array) => SoughtTorrent | undefined
  /** Whether who comes without encryption is let in. */
  readonly takesPlain: boolean
}

const MARK_LENGTH = 20

/** The side that is dialled, whether encrypted or not; see `createInitiator`. */
export const createResponder = (options: ResponderOptions): CryptoHandshake => {
  const { newKeyPair, padding, findTorrent, takesPlain } = options

  /** A key that begins with the name of the protocol is as good as impossible. */
  const awaitFirst: Stage = (bytes) => {
    const isPlain = startsLikeHandshake(bytes)
    if (isPlain === undefined) return 'more'
    if (!isPlain) return { used: 0, next: awaitKey }
    return takesPlain ? { used: 0, cipher: plainPipe } : 'plain'
  }

  const awaitKey: Stage = (bytes) => {
    if (bytes.length < KEY_LENGTH) return 'more'
    const key = bytes.subarray(0, KEY_LENGTH)
    if (!isUsableKey(key)) return 'bad-key'
    const { publicKey, secretWith } = newKeyPair()
    const secret = secretWith(key)
    if (secret === undefined) return 'bad-key'
    const reply = concatBytes([publicKey, padding.random])
    return { used: KEY_LENGTH, reply, next: awaitSync(secret) }
  }

  const awaitSync = (secret: Uint8Array): Stage => {
    const mark = syncMark(secret)
    return (bytes) => {
      const at = findMark(bytes, mark, MAX_CRYPTO_PADDING_BYTES)
      if (at === undefined) return 'more'
      return at < 0 ? 'no-sync' : { used: at + mark.length, next: awaitTorrent(secret) }
    }
  }

  const awaitTorrent =
    (secret: Uint8Array): Stage =>
    (bytes) => {
      if (bytes.length < MARK_LENGTH) return 'more'
      const torrent = findTorrent(maskMark(bytes.subarray(0, MARK_LENGTH), secret))
      if (torrent === undefined) return 'unknown-torrent'
      const ciphers = createCiphers(secret, torrent.infohash)
      return { used: MARK_LENGTH, next: awaitOffer(ciphers, torrent.methods) }
    }

  const awaitOffer =
    (ciphers: Ciphers, methods: ReadonlyArray<CryptoMethod>): Stage =>
    (bytes) => {
      const length = VERIFICATION.length + METHODS_LENGTH + 2
      if (bytes.length < length) return 'more'
      const open = through(ciphers.fromInitiator, bytes.subarray(0, length))
      if (VERIFICATION.some((byte, at) => byte !== open[at])) return 'bad-check'
      const method = chooseMethod(open, VERIFICATION.length, methods)
      if (method === undefined) return 'no-method'
      const zeros = readUint16(open, length - 2)
      if (zeros > MAX_CRYPTO_PADDING_BYTES) return 'too-much-padding'
      return { used: length, next: awaitPayloadLength(ciphers, method, zeros) }
    }

  /** The payload itself goes on to whoever reads the connection: however long it is, none of it waits here. */
  const awaitPayloadLength =
    ({ fromInitiator, fromResponder }: Ciphers, method: CryptoMethod, zeros: number): Stage =>
    (bytes) => {
      const length = zeros + 2
      if (bytes.length < length) return 'more'
      const open = through(fromInitiator, bytes.subarray(0, length))
      const reply = concatBytes([
        VERIFICATION,
        encodeMethods([method]),
        writeUint16(padding.zeros),
        new Uint8Array(padding.zeros),
      ])
      fromResponder(reply)
      const cipher = createPipeCipher(method, fromInitiator, fromResponder, readUint16(open, zeros))
      return { used: length, reply, cipher }
    }

  return { opening: new Uint8Array(0), read: stepReader(awaitFirst) }
}
