import type { PipeCipher } from './pipeCipher.js'

/** What a chunk led to. `reply` is to be sent; empty: nothing. */
export type CryptoStep =
  | { readonly _tag: 'Shaking'; readonly reply: Uint8Array }
  /** `rest` came behind the handshake, decrypted; borrowed where it is all of the chunk. */
  | {
      readonly _tag: 'Shaken'
      readonly reply: Uint8Array
      readonly cipher: PipeCipher
      readonly rest: Uint8Array
    }
  | { readonly _tag: 'CryptoFailed'; readonly error: CryptoError }

/** Why no encrypted connection came to be. */
export type CryptoError =
  /** A public key that gives everything away, or a platform that can do nothing with keys. */
  | 'bad-key'
  /** Nothing where the padding has to end. */
  | 'no-sync'
  | 'unknown-torrent'
  /** The verification constant is another: the keys differ. */
  | 'bad-check'
  | 'too-much-padding'
  /** No method that both want. */
  | 'no-method'
  /** The handshake of BitTorrent, without any of MSE, where that is not enough. */
  | 'plain'

/**
 * One side of the handshake of MSE, up to where the payload begins. The cut into chunks makes no difference. At most some
 * 700 bytes are kept between chunks. Of use until it has answered anything but `Shaking`.
 */
export interface CryptoHandshake {
  /** What to send before anything has come; for the responder nothing. */
  readonly opening: Uint8Array
  readonly read: (chunk: Uint8Array) => CryptoStep
}

/** Padding that the caller has made: random bytes, and a number of zeros for where it is encrypted. */
export interface CryptoPadding {
  /** Behind our public key, 512 bytes at most. */
  readonly random: Uint8Array
  /** Behind what is encrypted, 512 at most. */
  readonly zeros: number
}
