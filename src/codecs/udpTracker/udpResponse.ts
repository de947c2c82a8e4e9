import * as E from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import type { AnnounceResponse } from '../announce.js'
import { fromUtf8 } from '../bytes.js'
import { decodeCompactPeers } from '../compactPeers.js'
import { MAX_ANNOUNCED_PEERS, MAX_TRACKER_TEXT } from '../limits.js'
import type { ScrapeEntry } from '../scrapeResponse.js'
import { type ConnectionId, UDP_ACTION } from './udpRequest.js'

/** What a UDP tracker answers (BEP 15). */
export type UdpResponse =
  | { readonly _tag: 'Connected'; readonly connectionId: ConnectionId }
  | { readonly _tag: 'Announced'; readonly response: AnnounceResponse }
  /** One for each torrent that was asked about, in that order; fewer where the packet is too short. */
  | { readonly _tag: 'Scraped'; readonly entries: ReadonlyArray<ScrapeEntry> }
  | { readonly _tag: 'Refused'; readonly reason: string }

/** What was asked, which an answer has to fit. */
export interface UdpQuestion {
  readonly action: 'connect' | 'announce' | 'scrape'
  readonly transactionId: number
  /** Of the packets: peers come as addresses of this family. */
  readonly family: 4 | 6
}

/**
 * Reads a packet as the answer to a question. None where it is no answer to it: too short, to another transaction, of
 * another action. Such packets come from anybody and are no sign of anything. Peers are at most 3 000; what is left at
 * the end that makes no peer does not matter.
 */
export const decodeUdpResponse = (bytes: Uint8Array, question: UdpQuestion): Option<UdpResponse> => {
  if (bytes.length < HEADER_BYTES) return O.none
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint32(4) !== question.transactionId) return O.none
  const action = view.getUint32(0)
  if (action === UDP_ACTION.error) {
    const reason = fromUtf8(bytes.subarray(HEADER_BYTES, HEADER_BYTES + MAX_TRACKER_TEXT))
    return O.some({ _tag: 'Refused', reason })
  }
  if (action !== UDP_ACTION[question.action] || bytes.length < LEAST_BYTES[question.action]) return O.none
  switch (question.action) {
    case 'connect':
      return O.some({ _tag: 'Connected', connectionId: view.getBigUint64(8) })
    case 'announce':
      return O.some({ _tag: 'Announced', response: announceResponse(bytes, view, question.family) })
    case 'scrape':
      return O.some({ _tag: 'Scraped', entries: scrapeEntries(view) })
  }
}

const HEADER_BYTES = 8
const LEAST_BYTES = { connect: 16, announce: 20, scrape: HEADER_BYTES } as const
const ENTRY_BYTES = 12

const announceResponse = (bytes: Uint8Array, view: DataView, family: 4 | 6): AnnounceResponse => {
  const addressLength = family === 4 ? 4 : 16
  const rest = bytes.subarray(20)
  const whole = rest.subarray(0, rest.length - (rest.length % (addressLength + 2)))
  const peers = decodeCompactPeers(whole, addressLength, MAX_ANNOUNCED_PEERS, 'peers')
  return {
    interval: view.getInt32(8),
    minInterval: undefined,
    complete: count(view, 16),
    incomplete: count(view, 12),
    trackerId: undefined,
    warning: undefined,
    externalIp: undefined,
    peers: E.isRight(peers) ? peers.right : [],
  }
}

const scrapeEntries = (view: DataView): ReadonlyArray<ScrapeEntry> => {
  const entries: ScrapeEntry[] = []
  for (let at = HEADER_BYTES; at + ENTRY_BYTES <= view.byteLength; at += ENTRY_BYTES) {
    entries.push({
      complete: count(view, at),
      incomplete: count(view, at + 8),
      downloaded: count(view, at + 4),
      downloaders: undefined,
    })
  }
  return entries
}

/** Signed, by the BEP; a negative one is none. */
const count = (view: DataView, at: number): number | undefined => {
  const value = view.getInt32(at)
  return value < 0 ? undefined : value
}
