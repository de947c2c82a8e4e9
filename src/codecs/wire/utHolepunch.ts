import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { DecodeError } from '../errors.js'
import { invalidField } from '../errors.js'
import { formatIp, parseIp } from '../ipAddress.js'
import type { PeerAddress } from '../peerAddress.js'

/** Why a relay does not help: BEP 55's codes, from 1 on. */
export const HOLEPUNCH_ERRORS = ['NoSuchPeer', 'NotConnected', 'NoSupport', 'NoSelf'] as const
export type HolepunchError = (typeof HOLEPUNCH_ERRORS)[number]

/** A message of BEP 55. */
export type UtHolepunch =
  /** To a relay: help me to connect to that peer of yours. */
  | { readonly _tag: 'Rendezvous'; readonly address: PeerAddress }
  /** From a relay, to both: connect to each other, now. */
  | { readonly _tag: 'Connect'; readonly address: PeerAddress }
  /** From a relay: why it did not. */
  | { readonly _tag: 'Error'; readonly address: PeerAddress; readonly error: HolepunchError }

const TYPES: ReadonlyArray<UtHolepunch['_tag']> = ['Rendezvous', 'Connect', 'Error']
const IPV4 = 0
const IPV6 = 1

/** Reads a `ut_holepunch` message. The error code may be left out where there is no error, as libtorrent does. */
export const decodeUtHolepunch = (payload: Uint8Array): Either<DecodeError, UtHolepunch> => {
  const _tag = TYPES[payload[0] ?? TYPES.length]
  const family = payload[1]
  if (_tag === undefined) return E.left(invalidField('msg_type', 'an integer from 0 to 2', 0))
  if (family !== IPV4 && family !== IPV6) return E.left(invalidField('addr_type', '0 or 1', 1))
  const portAt = family === IPV4 ? 6 : 18
  const host = formatIp(payload.subarray(2, portAt))
  const isWhole = payload.length === portAt + 6 || (_tag !== 'Error' && payload.length === portAt + 2)
  if (!isWhole || O.isNone(host)) return E.left(invalidField('', 'a message of its length'))
  const fields = new DataView(payload.buffer, payload.byteOffset)
  const address = { host: host.value, port: fields.getUint16(portAt) }
  if (_tag !== 'Error') return E.right({ _tag, address })
  const error = HOLEPUNCH_ERRORS[fields.getUint32(portAt + 2) - 1]
  return error === undefined
    ? E.left(invalidField('err_code', 'an integer from 1 to 4', portAt + 2))
    : E.right({ _tag, address, error })
}

/**
 * The payload of a `ut_holepunch` message.
 *
 * @throws TypeError where the host is no IP address.
 */
export const encodeUtHolepunch = (message: UtHolepunch): Uint8Array => {
  const { host, port } = message.address
  const ip = parseIp(host)
  if (O.isNone(ip)) throw new TypeError('ut_holepunch: no IP address')
  const portAt = 2 + ip.value.length
  const payload = new Uint8Array(portAt + 6)
  payload[0] = TYPES.indexOf(message._tag)
  payload[1] = ip.value.length === 4 ? IPV4 : IPV6
  payload.set(ip.value, 2)
  const fields = new DataView(payload.buffer)
  fields.setUint16(portAt, port)
  if (message._tag === 'Error') fields.setUint32(portAt + 2, HOLEPUNCH_ERRORS.indexOf(message.error) + 1)
  return payload
}
