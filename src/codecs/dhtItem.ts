import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { concatBytes, equalBytes, fromLatin1 } from './bytes.js'
import { publicKeyOf, signEd25519, verifyEd25519 } from './ed25519.js'
import { sha1 } from './infohash.js'
import { KrpcErrorCode } from './krpc/errorCode.js'
import { MAX_DHT_SALT_BYTES, MAX_DHT_VALUE_BYTES } from './limits.js'

/** A value that the DHT stores for two hours (BEP 44). `v` is bencoded, and kept as it came: hash and signature are of it. */
export type DhtItem = ImmutableItem | MutableItem

/** Found by the hash of its value. */
export interface ImmutableItem {
  readonly _tag: 'ImmutableItem'
  readonly v: Uint8Array
}

/** Found by its owner's public key, who can replace it by one with a higher `seq`. */
export interface MutableItem {
  readonly _tag: 'MutableItem'
  readonly v: Uint8Array
  /** The Ed25519 public key, 32 bytes. */
  readonly k: Uint8Array
  /** Tells the items of one key apart; empty where there is only one. */
  readonly salt: Uint8Array
  readonly seq: number
  /** 64 bytes. */
  readonly sig: Uint8Array
}

/** Why an item is not stored; the code is KRPC's. */
export interface PutRefusal {
  readonly _tag: 'PutRefusal'
  readonly code: number
  readonly message: string
}

/** Where an item is found: 20 bytes. */
export const targetOf = (item: DhtItem): Uint8Array =>
  item._tag === 'ImmutableItem' ? sha1(item.v) : mutableTarget(item.k, item.salt)

/** Where the item of a key is found. */
export const mutableTarget = (publicKey: Uint8Array, salt: Uint8Array = NO_SALT): Uint8Array =>
  sha1(concatBytes([publicKey, salt]))

/** What the owner of a mutable item signs. */
export const signatureInput = ({ salt, seq, v }: Pick<MutableItem, 'salt' | 'seq' | 'v'>): Uint8Array => {
  const saltField =
    salt.length === 0 ? NO_SALT : concatBytes([fromLatin1(`4:salt${String(salt.length)}:`), salt])
  return concatBytes([saltField, fromLatin1(`3:seqi${String(seq)}e1:v`), v])
}

/**
 * A mutable item, signed with the secret seed of its owner (32 bytes). `v` is bencoded.
 *
 * @example
 * ```ts
 * signItem({ seed, seq: 1, v: fromLatin1('12:Hello World!') })
 * ```
 */
export const signItem = (
  draft: Pick<MutableItem, 'v' | 'seq'> & { readonly salt?: Uint8Array; readonly seed: Uint8Array },
): MutableItem => {
  const { v, seq, salt = NO_SALT, seed } = draft
  const sig = signEd25519(signatureInput({ v, seq, salt }), seed)
  return { _tag: 'MutableItem', v, k: publicKeyOf(seed), salt, seq, sig }
}

/** Whether an item is what it says: small enough and, where it is mutable, signed by its owner. */
export const checkItem = (item: DhtItem): Either<PutRefusal, DhtItem> => {
  if (item.v.length > MAX_DHT_VALUE_BYTES) return refuse('valueTooBig', 'message (v field) too big')
  if (item._tag === 'ImmutableItem') return E.right(item)
  if (item.salt.length > MAX_DHT_SALT_BYTES) return refuse('saltTooBig', 'salt (salt field) too big')
  return verifyEd25519(signatureInput(item), item.sig, item.k)
    ? E.right(item)
    : refuse('invalidSignature', 'invalid signature')
}

/**
 * Whether an item may take the place of the one stored under its target, if there is one. The signature, which is dear,
 * is only looked at where everything else is right. The same item again is welcome: that is how it is kept alive.
 */
export const checkPut = (
  stored: DhtItem | undefined,
  item: DhtItem,
  cas?: number,
): Either<PutRefusal, DhtItem> => {
  if (item._tag === 'MutableItem' && stored?._tag === 'MutableItem') {
    if (cas !== undefined && cas !== stored.seq) return refuse('casMismatch', 'cas mismatch, read again')
    const isSame = item.seq === stored.seq && equalBytes(item.v, stored.v)
    if (item.seq <= stored.seq && !isSame) return refuse('sequenceTooLow', 'sequence number too low')
  }
  return checkItem(item)
}

const refuse = (code: keyof typeof KrpcErrorCode, message: string): Either<PutRefusal, never> =>
  E.left({ _tag: 'PutRefusal', code: KrpcErrorCode[code], message })

const NO_SALT = new Uint8Array(0)
