import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { decodeAnnounceResponse } from '../../src/codecs/announceResponse.js'
import { fromHex, fromLatin1 } from '../../src/codecs/bytes.js'
import { decodeScrapeResponse } from '../../src/codecs/scrapeResponse.js'
import { isSameOrigin, parseTrackerUrl } from '../../src/codecs/trackerUrl.js'
import { readVectors } from './support/corpus.js'

const Case = t.intersection([
  t.type({ name: t.string, expect: t.union([t.string, t.record(t.string, t.unknown)]) }),
  t.partial({ input_latin1: t.string, peer: t.string }),
])
type Case = t.TypeOf<typeof Case>

const { cases } = readVectors('bep3_bep23_tracker_http', t.type({ cases: t.array(Case) }))

const urls = readVectors(
  'tracker_urls',
  t.type({
    valid: t.array(t.string),
    invalid: t.array(t.string),
    same_origin: t.array(t.tuple([t.string, t.string, t.boolean])),
  }),
)

const asExpected = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const names: Readonly<Record<string, string>> = { min_interval: 'minInterval', external_ip: 'externalIp' }
  const entries = Object.entries(fields)
    // Not in our model: a tracker's count of downloads is the scrape's.
    .filter(([name]) => name !== 'downloaded')
    .map(([name, value]) => [names[name] ?? name, name === 'peers' ? asPeers(value) : value] as const)
  return Object.fromEntries(entries)
}

const asPeers = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(([host, port]: readonly unknown[]) => ({ host, port })) : value

const isScrape = ({ name }: Case): boolean => name.startsWith('scrape')

describe('announce responses', () => {
  it.each(cases.filter((row) => row.input_latin1 !== undefined && !isScrape(row)))('$name', (row) => {
    const decoded = decodeAnnounceResponse(fromLatin1(row.input_latin1 ?? ''))
    if (typeof row.expect === 'string')
      expect(decoded).toMatchObject(E.left({ _tag: 'InvalidTrackerResponse' }))
    else expect(decoded).toMatchObject(E.right(asExpected(row.expect)))
  })

  it.each(cases.filter((row) => row.peer !== undefined))('one peer: $name', (row) => {
    const decoded = decodeAnnounceResponse(fromLatin1(`d5:peersl${row.peer ?? ''}ee`))
    // The reference gives an error for the one peer and goes on with the next.
    const peers = typeof row.expect === 'string' ? [] : [row.expect]
    expect(decoded).toMatchObject(E.right({ peers }))
  })
})

describe('scrape responses', () => {
  it.each(cases.filter(isScrape))('$name', (row) => {
    const decoded = decodeScrapeResponse(fromLatin1(row.input_latin1 ?? ''))
    expect(E.isRight(decoded) && [...decoded.right.values()]).toMatchObject([row.expect])
  })
})

describe('tracker URLs', () => {
  it.each(urls.valid)('takes %j', (url) => {
    expect(E.isRight(parseTrackerUrl(url))).toBe(true)
  })

  it.each(urls.invalid)('refuses %j', (url) => {
    expect(E.isLeft(parseTrackerUrl(url))).toBe(true)
  })

  it.each(urls.same_origin)('%s and %s: %s', (a, b, expected) => {
    expect(isSameOrigin(new URL(a), new URL(b))).toBe(expected)
  })

  it.each(['info_hash', 'peer_id', 'port', 'key', 'event', 'uploaded', 'downloaded', 'left', 'corrupt'])(
    'refuses a query with %s',
    (name) => {
      expect(E.isLeft(parseTrackerUrl(`http://example.com/announce?${name}=1`))).toBe(true)
    },
  )
})

const Bencoded = t.type({
  cases: t.array(t.type({ name: t.string, input_hex: t.union([t.string, t.null]) })),
})
const documents = readVectors('bep3_bencode', Bencoded).cases.flatMap(({ name, input_hex: hex }) =>
  hex === null ? [] : [[name, fromHex(hex) ?? new Uint8Array(0)] as const],
)

describe('any document in place of an answer', () => {
  it.each(documents)('%s is an answer or an error of a known kind, alone and as a field', (_, bytes) => {
    const nested = Uint8Array.from([
      ...fromLatin1('d5:files'),
      ...bytes,
      ...fromLatin1('5:peers'),
      ...bytes,
      0x65,
    ])
    for (const document of [bytes, nested]) {
      for (const decoded of [decodeAnnounceResponse(document), decodeScrapeResponse(document)]) {
        if (E.isLeft(decoded)) expect(decoded.left._tag).toBe('InvalidTrackerResponse')
        else expect(decoded.right).toBeTypeOf('object')
      }
    }
  })
})
