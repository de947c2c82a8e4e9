import { fromHex } from '../bytes.js'

const BASE32 = /^[a-z2-7]{32}$/i
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

/** The 20 bytes behind `urn:btih:`: 40 hexadecimal digits, or 32 of base32 as old links have them. */
export const readBtih = (text: string): Uint8Array | undefined => {
  if (text.length === 40) return fromHex(text)
  return BASE32.test(text) ? fromBase32(text.toLowerCase()) : undefined
}

/** The 32 bytes behind `urn:btmh:`: a multihash, of which only SHA-256 (`12`, `20` bytes in hexadecimal) is in use. */
export const readBtmh = (text: string): Uint8Array | undefined =>
  text.length === 68 && text.startsWith(SHA256_PREFIX) ? fromHex(text.slice(4)) : undefined

/** Multihash code and length of SHA-256. */
export const SHA256_PREFIX = '1220'

const fromBase32 = (text: string): Uint8Array => {
  const bytes = new Uint8Array((text.length * 5) >> 3)
  let bits = 0
  let held = 0
  let at = 0
  for (const letter of text) {
    held = (held << 5) | ALPHABET.indexOf(letter)
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes[at++] = held >>> bits
    held &= (1 << bits) - 1
  }
  return bytes
}
