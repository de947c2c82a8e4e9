import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import { decodeBencode } from '../bencode/decodeBencode.js'
import { encodeBencode } from '../bencode/encodeBencode.js'
import type { BencodeDict, BencodeInput } from '../bencode/value.js'
import { isBencodeDict } from '../bencode/value.js'
import { bytesField } from '../bencodeFields.js'
import { type AddressLength, decodeCompactPeers, encodeCompactPeers } from '../compactPeers.js'
import type { DecodeError } from '../errors.js'
import { invalidField } from '../errors.js'
import { parseIp } from '../ipAddress.js'
import { MAX_PEX_BYTES, MAX_PEX_PEERS } from '../limits.js'
import type { PeerAddress } from '../peerAddress.js'

/** A peer that another one is connected to. */
export interface PexPeer extends PeerAddress {
  /** Of `PEX_FLAG`, added up. */
  readonly flags: number
}

/** BEP 11's bits. */
export const PEX_FLAG = {
  prefersEncryption: 0x01,
  /** A seed, or one that wants nothing any more. */
  uploadOnly: 0x02,
  utp: 0x04,
  holepunch: 0x08,
  /** Somebody has dialled it. */
  reachable: 0x10,
} as const

/** A message of BEP 11: who has come and gone since the last one. IPv4 and IPv6 are one list here. */
export interface UtPex {
  readonly added: ReadonlyArray<PexPeer>
  readonly dropped: ReadonlyArray<PeerAddress>
}

/**
 * Reads a `ut_pex` message: at most 100 addresses of a list are looked at, those with port zero are left out. Flags may
 * be absent, but are not of another number than the peers.
 */
export const decodeUtPex = (payload: Uint8Array): Either<DecodeError, UtPex> => {
  const decoded = decodeBencode(payload, { maxBytes: MAX_PEX_BYTES })
  if (E.isLeft(decoded)) return decoded
  const { value } = decoded.right
  if (!isBencodeDict(value)) return E.left(invalidField('', 'a dictionary', 0))
  const lists = [
    readPeers(value, 'added', 4),
    readPeers(value, 'added6', 16),
    readPeers(value, 'dropped', 4),
    readPeers(value, 'dropped6', 16),
  ] as const
  for (const list of lists) if (E.isLeft(list)) return list
  const [added, added6, dropped, dropped6] = lists.map((list) => (E.isRight(list) ? list.right : []))
  return E.right({
    added: [...added!, ...added6!],
    dropped: [...dropped!, ...dropped6!].map(({ host, port }) => ({ host, port })),
  })
}

const readPeers = (
  dict: BencodeDict,
  key: string,
  addressLength: AddressLength,
): Either<DecodeError, ReadonlyArray<PexPeer>> => {
  const bytes = bytesField(dict, key) ?? NOTHING
  const flags = bytesField(dict, `${key}.f`)
  const stride = addressLength + 2
  if (bytes.length % stride !== 0) return E.left(invalidField(key, `a multiple of ${String(stride)} bytes`))
  if (flags !== undefined && flags.length * stride !== bytes.length) {
    return E.left(invalidField(`${key}.f`, 'a byte for each peer'))
  }
  const peers: PexPeer[] = []
  const count = Math.min(bytes.length / stride, MAX_PEX_PEERS)
  for (let i = 0; i < count; i++) {
    const one = decodeCompactPeers(bytes.subarray(i * stride, (i + 1) * stride), addressLength, 1, key)
    if (E.isLeft(one)) return one
    for (const peer of one.right) peers.push({ ...peer, flags: flags?.[i] ?? 0 })
  }
  return E.right(peers)
}

const NOTHING = new Uint8Array(0)

/** The payload of a `ut_pex` message. Addresses are IP addresses; the lists of IPv6 are there only when they hold any. */
export const encodeUtPex = ({ added, dropped }: UtPex): Uint8Array => {
  const dict = new Map<string, BencodeInput>()
  for (const [suffix, addressLength] of FAMILIES) {
    const ofFamily = ({ host }: PeerAddress): boolean =>
      O.toUndefined(parseIp(host))?.length === addressLength
    const came = added.filter(ofFamily)
    const went = dropped.filter(ofFamily)
    if (addressLength === 4 || came.length > 0) {
      dict.set(`added${suffix}`, encodeCompactPeers(came, addressLength))
      dict.set(
        `added${suffix}.f`,
        Uint8Array.from(came, ({ flags }) => flags),
      )
    }
    if (addressLength === 4 || went.length > 0) {
      dict.set(`dropped${suffix}`, encodeCompactPeers(went, addressLength))
    }
  }
  const encoded = encodeBencode(dict)
  if (E.isLeft(encoded)) throw new TypeError(`ut_pex: ${encoded.left.reason}`)
  return encoded.right
}

const FAMILIES: ReadonlyArray<readonly [suffix: string, AddressLength]> = [
  ['', 4],
  ['6', 16],
]
