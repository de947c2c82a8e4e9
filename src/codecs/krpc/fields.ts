import * as E from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { spanAt } from '../bencode/spanAt.js'
import type { BencodeDict, BencodeValue } from '../bencode/value.js'
import { isBencodeList, isBencodeString } from '../bencode/value.js'
import { bytesField } from '../bencodeFields.js'
import { toLatin1 } from '../bytes.js'
import { decodeCompactPeers } from '../compactPeers.js'
import type { PeerAddress } from '../peerAddress.js'
import type { NodeFamily } from './message.js'

/** A byte string of one length. */
export const fixedField = (dict: BencodeDict, key: string, length: number): Uint8Array | undefined => {
  const bytes = bytesField(dict, key)
  return bytes?.length === length ? bytes : undefined
}

/** BEP 5 and later write yes as 1 and no as nothing. */
export const flagField = (dict: BencodeDict, key: string): boolean => {
  const value = dict.get(key)
  return typeof value === 'number' && value !== 0
}

/** One address in the compact form of either family. */
export const decodeAddress = (value: BencodeValue | undefined): Option<PeerAddress> => {
  if (!isBencodeString(value) || (value.length !== 6 && value.length !== 18)) return O.none
  const peers = decodeCompactPeers(value, value.length === 6 ? 4 : 16, 1, '')
  return E.isRight(peers) ? O.fromNullable(peers.right[0]) : O.none
}

/** The families that are known, each once; `undefined` where none is named. */
export const wantField = (dict: BencodeDict): ReadonlyArray<NodeFamily> | undefined => {
  const value = dict.get('want')
  const named = isBencodeList(value) ? value.filter(isBencodeString).map(toLatin1) : []
  const families = FAMILIES.filter((family) => named.includes(family))
  return families.length === 0 ? undefined : families
}

const FAMILIES: ReadonlyArray<NodeFamily> = ['n4', 'n6']

/** The bencoded bytes of a value, as they came; `undefined` where there is none. */
export const rawField = (
  dict: BencodeDict,
  key: string,
  bytes: Uint8Array,
  parent: string,
): Uint8Array | undefined => {
  const span = dict.has(key) ? spanAt(bytes, [parent, key]) : undefined
  return span && bytes.subarray(span.start, span.end)
}
