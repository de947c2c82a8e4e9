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
