import { concatBytes } from '../bytes.js'
import type { CryptoError, CryptoStep } from './cryptoHandshake.js'
import type { PipeCipher } from './pipeCipher.js'
import type { Rc4 } from './rc4.js'

/** What the bytes from its start on come to. */
export type Stage = (bytes: Uint8Array) => Advance

export type Advance =
  /** They are too few; none are used up. */
  | 'more'
  | CryptoError
  /** So many are used up, and the next stage goes on behind them. */
  | { readonly used: number; readonly reply?: Uint8Array; readonly next: Stage }
  | { readonly used: number; readonly reply?: Uint8Array; readonly cipher: PipeCipher }

/**
 * Goes through the stages as far as the bytes reach. What is not used up is kept for the next chunk, so a stage must not
 * ask for more where there is all that it could need.
 */
export const stepReader = (first: Stage): ((chunk: Uint8Array) => CryptoStep) => {
  let stage = first
  let kept: Uint8Array = new Uint8Array(0)
  return (chunk) => {
    const replies: Uint8Array[] = []
    // Also a copy: the chunk is borrowed.
    let bytes = concatBytes([kept, chunk])
    for (;;) {
      const advance = stage(bytes)
      if (advance === 'more') {
        kept = bytes
        return { _tag: 'Shaking', reply: concatBytes(replies) }
      }
      if (typeof advance === 'string') return { _tag: 'CryptoFailed', error: advance }
      bytes = bytes.subarray(advance.used)
      if (advance.reply !== undefined) replies.push(advance.reply)
      if ('next' in advance) {
        stage = advance.next
        continue
      }
      const { cipher } = advance
      cipher.decrypt(bytes)
      return { _tag: 'Shaken', reply: concatBytes(replies), cipher, rest: bytes }
    }
  }
}

/** Where the first `mark` begins that does not have more than `most` bytes in front; undefined: not yet, -1: nowhere. */
export const findMark = (bytes: Uint8Array, mark: Uint8Array, most: number): number | undefined => {
  for (let at = 0; at <= most; at++) {
    if (at + mark.length > bytes.length) return undefined
    if (mark.every((byte, i) => byte === bytes[at + i])) return at
  }
  return -1
}

/** A copy of them through the cipher, which goes on behind them. */
export const through = (cipher: Rc4, bytes: Uint8Array): Uint8Array => {
  const out = bytes.slice()
  cipher(out)
  return out
}

export const readUint16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!

export const writeUint16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff)
