import { createHash } from 'node:crypto'

/** SHA-1, 20 bytes. Of the raw `info` bytes: the infohash of BEP 3. */
export const sha1 = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha1').update(bytes).digest())

/** SHA-256, 32 bytes. Of the raw `info` bytes: the infohash of BEP 52. */
export const sha256 = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(bytes).digest())
