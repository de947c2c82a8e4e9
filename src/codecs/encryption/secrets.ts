import { concatBytes, toUtf8 } from '../bytes.js'
import { sha1 } from '../infohash.js'
import { createRc4, type Rc4 } from './rc4.js'

/** What MSE throws away of each key stream: its first bytes tell of the key. */
const DISCARDED = 1024

/** What shows, decrypted, that both have the same keys. */
export const VERIFICATION: Uint8Array = new Uint8Array(8)

const tagged = (tag: string, ...parts: ReadonlyArray<Uint8Array>): Uint8Array =>
  sha1(concatBytes([toUtf8(tag), ...parts]))

/** What the initiator's padding ends with: only who knows the shared secret finds the place. */
export const syncMark = (secret: Uint8Array): Uint8Array => tagged('req1', secret)

/** What a torrent is known by to who may be asked for it; the same for every connection. */
export const torrentMark = (infohash: Uint8Array): Uint8Array => tagged('req2', infohash)

/** Hides the mark of a torrent within one connection, and shows it again. */
export const maskMark = (mark: Uint8Array, secret: Uint8Array): Uint8Array => {
  const mask = tagged('req3', secret)
  return mark.map((byte, at) => byte ^ mask[at]!)
}

/** The ciphers of the two directions. */
export interface Ciphers {
  readonly fromInitiator: Rc4
  readonly fromResponder: Rc4
}

export const createCiphers = (secret: Uint8Array, infohash: Uint8Array): Ciphers => ({
  fromInitiator: createRc4(tagged('keyA', secret, infohash), DISCARDED),
  fromResponder: createRc4(tagged('keyB', secret, infohash), DISCARDED),
})
