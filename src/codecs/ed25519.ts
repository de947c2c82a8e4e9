/** A public key of Ed25519 (RFC 8032), and the seed that it is made of. */
export const ED25519_KEY_BYTES = 32
export const ED25519_SIGNATURE_BYTES = 64
