/** Bencode (BEP 3): values, decoder, encoder, byte spans, and io-ts codecs to read dictionaries with. */
export { Bencode } from './bencode/codec.js'
export type { BencodeDocument, BencodeOptions } from './bencode/decodeBencode.js'
export { decodeBencode } from './bencode/decodeBencode.js'
export type { EncodeError } from './bencode/encodeBencode.js'
export { encodeBencode } from './bencode/encodeBencode.js'
export type { BencodePath } from './bencode/showPath.js'
export { showPath } from './bencode/showPath.js'
export type { Span } from './bencode/spanAt.js'
export { spanAt } from './bencode/spanAt.js'
export type {
  BencodeDict,
  BencodeInput,
  BencodeInputDict,
  BencodeInputList,
  BencodeList,
  BencodeValue,
  RawBencode,
} from './bencode/value.js'
export { isBencodeDict, isBencodeList, isBencodeString, rawBencode } from './bencode/value.js'
