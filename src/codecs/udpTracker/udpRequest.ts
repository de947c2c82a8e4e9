import type { AnnounceRequest } from '../announce.js'
import { toUtf8 } from '../bytes.js'
import { MAX_SCRAPED_INFOHASHES } from '../limits.js'

/** What may be asked of a UDP tracker (BEP 15), by the number that it goes by. */
export const UDP_ACTION = { connect: 0, announce: 1, scrape: 2, error: 3 } as const

/** What a tracker answers a connect with: it proves that we are where our packets say we are. */
export type ConnectionId = bigint

/** Says that this is the protocol of BEP 15. */
const PROTOCOL_ID = 0x41727101980n

/** BEP 21's `paused` has no number. */
const EVENT = { none: 0, completed: 1, started: 2, stopped: 3, paused: 0 } as const

/** Asks for a connection id. */
export const encodeUdpConnect = (transactionId: number): Uint8Array =>
  header(16, PROTOCOL_ID, UDP_ACTION.connect, transactionId).bytes

/**
 * An announce. `path` is that of the tracker's URL, with its query: it goes along as the option of BEP 41, where there is
 * one. The address is left to the tracker, which knows it.
 */
export const encodeUdpAnnounce = (
  connectionId: ConnectionId,
  transactionId: number,
  request: AnnounceRequest,
  path = '',
): Uint8Array => {
  const options = encodeUrlData(path)
  const { bytes, view } = header(98 + options.length, connectionId, UDP_ACTION.announce, transactionId)
  bytes.set(request.infohash, 16)
  bytes.set(request.peerId, 36)
  view.setBigUint64(56, BigInt(request.downloaded))
  view.setBigUint64(64, BigInt(request.left))
  view.setBigUint64(72, BigInt(request.uploaded))
  view.setUint32(80, EVENT[request.event ?? 'none'])
  view.setUint32(88, request.key)
  view.setInt32(92, request.numWant)
  view.setUint16(96, request.port)
  bytes.set(options, 98)
  return bytes
}

/** A scrape of at most 74 torrents; those beyond are left out. */
export const encodeUdpScrape = (
  connectionId: ConnectionId,
  transactionId: number,
  infohashes: ReadonlyArray<Uint8Array>,
): Uint8Array => {
  const asked = infohashes.slice(0, MAX_SCRAPED_INFOHASHES)
  const { bytes } = header(16 + 20 * asked.length, connectionId, UDP_ACTION.scrape, transactionId)
  for (const [i, infohash] of asked.entries()) bytes.set(infohash, 16 + 20 * i)
  return bytes
}

const URL_DATA = 2
const END_OF_OPTIONS = 0
const MAX_OPTION_LENGTH = 255

/** BEP 41: path and query of the URL, in as many parts as it takes; nothing where there is none. */
export const encodeUrlData = (path: string): Uint8Array => {
  const text = toUtf8(path === '/' ? '' : path)
  if (text.length === 0) return text
  const parts = Math.ceil(text.length / MAX_OPTION_LENGTH)
  const out = new Uint8Array(text.length + 2 * parts + 1)
  let at = 0
  for (let i = 0; i < parts; i++) {
    const part = text.subarray(i * MAX_OPTION_LENGTH, (i + 1) * MAX_OPTION_LENGTH)
    out[at] = URL_DATA
    out[at + 1] = part.length
    out.set(part, at + 2)
    at += 2 + part.length
  }
  out[at] = END_OF_OPTIONS
  return out
}

const header = (
  length: number,
  id: bigint,
  action: number,
  transactionId: number,
): { readonly bytes: Uint8Array; readonly view: DataView } => {
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, id)
  view.setUint32(8, action)
  view.setUint32(12, transactionId)
  return { bytes, view }
}
