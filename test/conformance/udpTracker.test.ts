import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { fromHex, fromLatin1, fromUtf8, toHex } from '../../src/codecs/bytes.js'
import {
  encodeUdpAnnounce,
  encodeUdpConnect,
  encodeUdpScrape,
  encodeUrlData,
} from '../../src/codecs/udpTracker/udpRequest.js'
import { decodeUdpResponse, type UdpQuestion } from '../../src/codecs/udpTracker/udpResponse.js'
import { readVectors } from './support/corpus.js'

const vectors = readVectors(
  'bep15_udp_tracker',
  t.type({
    connect_request: t.string,
    connect_response: t.string,
    announce_request: t.string,
    announce_fields: t.type({
      connection_id: t.string,
      transaction_id: t.string,
      info_hash: t.string,
      peer_id: t.string,
      downloaded: t.number,
      left: t.number,
      uploaded: t.number,
      event: t.literal('started(2)'),
      ip: t.literal(0),
      key: t.string,
      num_want: t.number,
      port: t.number,
    }),
    announce_response: t.string,
    announce_response_fields: t.type({
      interval: t.number,
      leechers: t.number,
      seeders: t.number,
      peers: t.array(t.tuple([t.string, t.number])),
    }),
    scrape_request: t.string,
    scrape_response: t.string,
    scrape_fields: t.type({ seeders: t.number, completed: t.number, leechers: t.number }),
    error_response: t.string,
    url_data_option_bep41: t.string,
    must_reject: t.array(t.type({ name: t.string, hex: t.string })),
  }),
)

const bytesOf = (hex: string): Uint8Array => {
  const bytes = fromHex(hex)
  if (bytes === undefined) throw new Error(`not hexadecimal: ${hex}`)
  return bytes
}

/** The question that a request of the corpus asks. */
const questionOf = (action: UdpQuestion['action'], request: string): UdpQuestion => ({
  action,
  transactionId: parseInt(request.slice(24, 32), 16),
  family: 4,
})

const connect = questionOf('connect', vectors.connect_request)
const announce = questionOf('announce', vectors.announce_request)
const scrape = questionOf('scrape', vectors.scrape_request)
const fields = vectors.announce_fields
const connectionId = BigInt(`0x${fields.connection_id}`)

describe('requests', () => {
  it('connect', () => {
    expect(toHex(encodeUdpConnect(connect.transactionId))).toBe(vectors.connect_request)
  })

  it('announce', () => {
    const bytes = encodeUdpAnnounce(connectionId, parseInt(fields.transaction_id, 16), {
      infohash: bytesOf(fields.info_hash),
      peerId: fromLatin1(fields.peer_id),
      port: fields.port,
      uploaded: fields.uploaded,
      downloaded: fields.downloaded,
      left: fields.left,
      event: 'started',
      numWant: fields.num_want,
      key: parseInt(fields.key, 16),
      trackerId: undefined,
    })
    expect(toHex(bytes)).toBe(vectors.announce_request)
  })

  it('scrape', () => {
    const bytes = encodeUdpScrape(connectionId, scrape.transactionId, [bytesOf(fields.info_hash)])
    expect(toHex(bytes)).toBe(vectors.scrape_request)
  })

  it('the option of BEP 41', () => {
    expect(toHex(encodeUrlData('/announce'))).toBe(vectors.url_data_option_bep41)
  })
})

describe('answers', () => {
  it('connect', () => {
    expect(decodeUdpResponse(bytesOf(vectors.connect_response), connect)).toEqual(
      O.some({ _tag: 'Connected', connectionId }),
    )
  })

  const { interval, leechers, seeders, peers } = vectors.announce_response_fields
  const announced = {
    interval,
    incomplete: leechers,
    complete: seeders,
    peers: peers.map(([host, port]) => ({ host, port })),
  }

  it.each([0, 5])('announce, with %i bytes too many', (extra) => {
    const bytes = Uint8Array.from([...bytesOf(vectors.announce_response), ...new Uint8Array(extra)])
    expect(decodeUdpResponse(bytes, announce)).toMatchObject(
      O.some({ _tag: 'Announced', response: announced }),
    )
  })

  it('scrape', () => {
    const expected = vectors.scrape_fields
    expect(decodeUdpResponse(bytesOf(vectors.scrape_response), scrape)).toMatchObject(
      O.some({
        entries: [
          { complete: expected.seeders, downloaded: expected.completed, incomplete: expected.leechers },
        ],
      }),
    )
  })

  it('error', () => {
    const bytes = bytesOf(vectors.error_response)
    expect(decodeUdpResponse(bytes, { ...scrape, transactionId: 0x0a0b0c0d })).toEqual(
      O.some({ _tag: 'Refused', reason: fromUtf8(bytes.subarray(8)) }),
    )
  })

  it.each(vectors.must_reject)('does not count: $name', ({ hex }) => {
    for (const question of [connect, announce, { ...announce, action: 'connect' as const }]) {
      expect(decodeUdpResponse(bytesOf(hex), question)).toEqual(O.none)
    }
  })
})
