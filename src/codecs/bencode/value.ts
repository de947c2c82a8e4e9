/**
 * A decoded value (BEP 3). Strings are bytes; dictionaries are Maps, so that no key can touch a prototype, and their
 * keys are byte strings: one character a byte (`toLatin1`, `fromLatin1`), in the order of the document.
 */
export type BencodeValue = number | Uint8Array | BencodeList | BencodeDict
export interface BencodeList extends ReadonlyArray<BencodeValue> {}
export interface BencodeDict extends ReadonlyMap<string, BencodeValue> {}

/**
 * What can be encoded. Text is written as UTF-8; keys are byte strings, as in `BencodeDict`. `RawBencode` is spliced in
 * as it is.
 */
export type BencodeInput =
  number | bigint | string | Uint8Array | RawBencode | BencodeInputList | BencodeInputDict
export interface BencodeInputList extends ReadonlyArray<BencodeInput> {}
export interface BencodeInputDict extends ReadonlyMap<string, BencodeInput> {}

/** One value that is encoded already; the encoder takes it on trust. */
export interface RawBencode {
  readonly _tag: 'RawBencode'
  readonly bytes: Uint8Array
}

export const rawBencode = (bytes: Uint8Array): RawBencode => ({ _tag: 'RawBencode', bytes })

export const isBencodeDict = (value: unknown): value is BencodeDict => value instanceof Map
export const isBencodeList = (value: unknown): value is BencodeList => Array.isArray(value)
export const isBencodeString = (value: unknown): value is Uint8Array => value instanceof Uint8Array
