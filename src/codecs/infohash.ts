import { hash } from 'node:crypto'

/** SHA-1, 20 bytes. Of the raw `info` bytes: the infohash of BEP 3. */
export const sha1 = (bytes: Uint8Array): Uint8Array => new Uint8Array(hash('sha1', bytes, 'buffer'))

/** SHA-256, 32 bytes. Of the raw `info` bytes: the infohash of BEP 52. */
export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(hash('sha256', bytes, 'buffer'))
