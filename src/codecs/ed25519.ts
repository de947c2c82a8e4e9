import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { toLatin1 } from './bytes.js'

/** A public key of Ed25519 (RFC 8032), and the seed that a pair is made of. */
export const ED25519_KEY_BYTES = 32
export const ED25519_SIGNATURE_BYTES = 64

/** Whether `signature` is of this message, by the owner of the key. False for a key that is none. */
export const verifyEd25519 = (message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean => {
  if (publicKey.length !== ED25519_KEY_BYTES || signature.length !== ED25519_SIGNATURE_BYTES) return false
  try {
    const key = createPublicKey(toPem('PUBLIC KEY', SPKI_HEADER, publicKey))
    return verify(null, message, key, signature)
  } catch {
    // Not every 32 bytes are a point of the curve, and when that is noticed is the library's own affair.
    return false
  }
}

/** 64 bytes, always the same for the same message. `seed` is the 32 secret bytes of RFC 8032. */
export const signEd25519 = (message: Uint8Array, seed: Uint8Array): Uint8Array =>
  new Uint8Array(sign(null, message, privateKeyOf(seed)))

/** The public key to a seed: 32 bytes. */
export const publicKeyOf = (seed: Uint8Array): Uint8Array => {
  const spki = createPublicKey(privateKeyOf(seed)).export({ format: 'der', type: 'spki' })
  return new Uint8Array(spki.subarray(SPKI_HEADER.length))
}

type PrivateKey = ReturnType<typeof createPrivateKey>

const privateKeyOf = (seed: Uint8Array): PrivateKey => {
  if (seed.length !== ED25519_KEY_BYTES) throw new RangeError('an Ed25519 seed is 32 bytes')
  return createPrivateKey(toPem('PRIVATE KEY', PKCS8_HEADER, seed))
}

// RFC 8410: what stands in DER before the 32 bytes of a key.
const SPKI_HEADER = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00)
const PKCS8_HEADER = Uint8Array.of(
  ...[0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20],
)

const toPem = (label: string, header: Uint8Array, key: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${btoa(toLatin1(header) + toLatin1(key))}\n-----END ${label}-----\n`
