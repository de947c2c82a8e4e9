import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import { pipe } from '#fp/function'
import type { AnnouncedPeer, AnnounceResponse } from './announce.js'
import { decodeBencode } from './bencode/decodeBencode.js'
import type { BencodeDict, BencodeValue } from './bencode/value.js'
import { isBencodeDict, isBencodeList, isBencodeString } from './bencode/value.js'
import { bytesField, integerField, textField } from './bencodeFields.js'
import { fromUtf8 } from './bytes.js'
import type { AddressLength } from './compactPeers.js'
import { decodeCompactPeers } from './compactPeers.js'
import type { DecodeError } from './errors.js'
import { invalidField } from './errors.js'
import { formatIp } from './ipAddress.js'
import {
  MAX_ANNOUNCED_PEERS,
  MAX_TRACKER_RESPONSE_BYTES,
  MAX_TRACKER_TEXT,
  MAX_TRACKER_TOKENS,
} from './limits.js'
import type { TrackerError } from './trackerError.js'

/** Seconds between announces, where the tracker does not say. */
const DEFAULT_INTERVAL = 1_800

/**
 * Reads the body of an HTTP tracker's answer to an announce: BEP 3, compact peers (BEP 23), IPv6 peers (BEP 7),
 * external address (BEP 24), `retry in` (BEP 31). A `failure reason` is a `Left` (`TrackerFailure`).
 *
 * Peers of both families come in one list, at most 3 000. A compact list of a broken length spoils the answer; a broken
 * entry in the old form, or any other field of the wrong type, counts as not sent.
 */
export const decodeAnnounceResponse = (bytes: Uint8Array): Either<TrackerError, AnnounceResponse> =>
  pipe(
    decodeTrackerDict(bytes),
    E.chain((dict) =>
      pipe(
        decodePeers(dict),
        E.mapLeft(invalidResponse),
        E.map((peers) => toResponse(dict, peers)),
      ),
    ),
  )

/** The dictionary that an HTTP tracker answers with, unless it is a refusal. */
export const decodeTrackerDict = (bytes: Uint8Array): Either<TrackerError, BencodeDict> =>
  pipe(
    // Some trackers end their answers with a line break.
    decodeBencode(bytes, {
      maxBytes: MAX_TRACKER_RESPONSE_BYTES,
      maxTokens: MAX_TRACKER_TOKENS,
      allowTrailing: true,
    }),
    E.chain(({ value }) =>
      isBencodeDict(value) ? E.right(value) : E.left(invalidField('', 'a dictionary', 0)),
    ),
    E.mapLeft(invalidResponse),
    E.chain((dict) => (dict.has('failure reason') ? E.left(toFailure(dict)) : E.right(dict))),
  )

const invalidResponse = (error: DecodeError): TrackerError => ({ _tag: 'InvalidTrackerResponse', error })

const toFailure = (dict: BencodeDict): TrackerError => ({
  _tag: 'TrackerFailure',
  reason: textField(dict, 'failure reason', MAX_TRACKER_TEXT) ?? '',
  retryInSeconds: retryIn(dict.get('retry in')),
})

/** BEP 31: minutes, or `never`. */
const retryIn = (value: BencodeValue | undefined): number | undefined => {
  const text = isBencodeString(value) && value.length < 16 ? fromUtf8(value) : value
  if (text === 'never') return Infinity
  const minutes = typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : text
  return typeof minutes === 'number' && minutes >= 0 ? minutes * 60 : undefined
}

const toResponse = (dict: BencodeDict, peers: readonly AnnouncedPeer[]): AnnounceResponse => {
  const trackerId = bytesField(dict, 'tracker id')
  const externalIp = bytesField(dict, 'external ip')
  return {
    interval: integerField(dict, 'interval', Number.MIN_SAFE_INTEGER) ?? DEFAULT_INTERVAL,
    minInterval: integerField(dict, 'min interval', 0),
    complete: integerField(dict, 'complete', 0),
    incomplete: integerField(dict, 'incomplete', 0),
    trackerId: trackerId && trackerId.length <= MAX_TRACKER_TEXT ? fromUtf8(trackerId) : undefined,
    warning: textField(dict, 'warning message', MAX_TRACKER_TEXT),
    externalIp: externalIp && O.toUndefined(formatIp(externalIp)),
    peers,
  }
}

const decodePeers = (dict: BencodeDict): Either<DecodeError, readonly AnnouncedPeer[]> =>
  pipe(
    peerList(dict, 'peers', 4, MAX_ANNOUNCED_PEERS),
    E.chain((peers) =>
      pipe(
        peerList(dict, 'peers6', 16, MAX_ANNOUNCED_PEERS - peers.length),
        E.map((peers6) => [...peers, ...peers6]),
      ),
    ),
  )

const peerList = (
  dict: BencodeDict,
  key: string,
  addressLength: AddressLength,
  max: number,
): Either<DecodeError, readonly AnnouncedPeer[]> => {
  const value = dict.get(key)
  if (isBencodeString(value)) return decodeCompactPeers(value, addressLength, max, key)
  const peers: AnnouncedPeer[] = []
  for (const entry of isBencodeList(value) ? value : []) {
    if (peers.length >= max) break
    const peer = isBencodeDict(entry) ? decodePeerDict(entry) : undefined
    if (peer !== undefined) peers.push(peer)
  }
  return E.right(peers)
}

/** An address, or a host name of at most 253 characters. */
const HOST = /^[a-z0-9._:-]{1,253}$/i

const decodePeerDict = (dict: BencodeDict): AnnouncedPeer | undefined => {
  const ip = bytesField(dict, 'ip')
  const port = integerField(dict, 'port', 1, 0xffff)
  if (ip === undefined || ip.length > 253 || port === undefined) return undefined
  const host = fromUtf8(ip)
  return HOST.test(host) ? { host, port } : undefined
}
