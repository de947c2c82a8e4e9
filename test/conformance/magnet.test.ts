import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { pipe } from '#fp/function'
import { fromHex, toHex } from '../../src/codecs/bytes.js'
import { decodeMagnet, encodeMagnet, wantsFile } from '../../src/codecs/magnet.js'
import { decodeExtendedHandshake } from '../../src/codecs/wire/extended.js'
import { decodeUtMetadata, encodeUtMetadata, metadataPieceLength } from '../../src/codecs/wire/utMetadata.js'
import { readVectors } from './support/corpus.js'

const bytesOf = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array(0)

describe('bep9_bep53_magnet', () => {
  const {
    cases,
    select_only_bep53: selections,
    make,
    trap,
  } = readVectors(
    'bep9_bep53_magnet',
    t.type({
      cases: t.array(
        t.intersection([
          t.type({ uri: t.string, expect: t.string }),
          t.partial({
            v1: t.string,
            v2: t.string,
            name: t.string,
            trackers: t.array(t.string),
            tiers: t.array(t.number),
            url_seeds: t.array(t.string),
            strict: t.string,
          }),
        ]),
      ),
      select_only_bep53: t.array(t.type({ query: t.string, selected: t.array(t.number) })),
      make: t.array(t.intersection([t.type({ uri: t.string }), t.partial({ v1: t.string, v2: t.string })])),
      trap: t.string,
    }),
  )

  it.each(cases)('$uri', ({ uri, expect: oracle, strict, ...wanted }) => {
    const magnet = decodeMagnet(uri)
    if ((strict ?? oracle).startsWith('error')) {
      expect(E.isLeft(magnet)).toBe(true)
      return
    }
    const hexOf = (hash: O.Option<Uint8Array>): string => O.match(() => '', toHex)(hash)
    expect(
      pipe(
        magnet,
        E.map(({ infohash, name, trackers, webSeeds }) => ({
          v1: hexOf(infohash.v1),
          v2: hexOf(infohash.v2),
          name: O.getOrElse(() => '')(name),
          trackers,
          tiers: trackers.map((_, tier) => tier),
          url_seeds: webSeeds,
        })),
      ),
    ).toMatchObject(E.right(withoutForeign(wanted)))
  })

  const LINK = `magnet:?xt=urn:btih:${'cd'.repeat(20)}`

  it.each(selections)('$query', ({ query, selected }) => {
    const magnet = decodeMagnet(`${LINK}&${query}`)
    if (E.isLeft(magnet)) throw new Error(query)
    const { select } = magnet.right
    const chosen = Array.from({ length: 100 }, (_, i) => i).filter((i) => wantsFile(magnet.right, i))
    expect(select.length === 0 ? [] : chosen).toEqual(selected)
  })

  it(`does not fall for: ${trap}`, () => {
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < 100; i++) decodeMagnet(`${LINK}&so=0-100000000,0-999999`)
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(1024 * 1024)
  })

  it.each(make)('makes $uri', ({ v1, v2, uri }) => {
    const hash = (hex: string | undefined): O.Option<Uint8Array> => O.map(bytesOf)(O.fromNullable(hex))
    const infohash = { v1: hash(v1), v2: hash(v2) }
    const nothing = { name: O.none, trackers: [], webSeeds: [], peers: [], select: [] }
    expect(encodeMagnet({ infohash, ...nothing })).toBe(uri)
  })
})

/** DHT nodes are not for links, and peers are told of elsewhere. */
const withoutForeign = (wanted: object): object =>
  Object.fromEntries(
    Object.entries(wanted).filter(([key]) => !['peers', 'dht_nodes', 'note', 'error'].includes(key)),
  )

describe('bep9_ut_metadata', () => {
  const vectors = readVectors(
    'bep9_ut_metadata',
    t.type({ request: t.string, data_prefix: t.string, reject: t.string }),
  )

  it('reads and writes a request and a reject', () => {
    const [request, reject] = [vectors.request, vectors.reject].map(bytesOf)
    expect(decodeUtMetadata(request!)).toEqual(E.right({ _tag: 'Request', piece: 0 }))
    expect(decodeUtMetadata(reject!)).toEqual(E.right({ _tag: 'Reject', piece: 0 }))
    expect(encodeUtMetadata({ _tag: 'Request', piece: 0 })).toEqual(request)
    expect(encodeUtMetadata({ _tag: 'Reject', piece: 0 })).toEqual(reject)
  })

  it('reads and writes data', () => {
    const totalSize = 34_256
    const payload = new Uint8Array(metadataPieceLength(totalSize, 0)).fill(120)
    const bytes = Uint8Array.of(...bytesOf(vectors.data_prefix), ...payload)
    const message = { _tag: 'Data', piece: 0, totalSize, payload } as const
    expect(decodeUtMetadata(bytes)).toEqual(E.right(message))
    expect(encodeUtMetadata(message)).toEqual(bytes)
  })
})

describe('the vectors of bencode, as messages of peers (R46)', () => {
  const { cases } = readVectors(
    'bep3_bencode',
    t.type({ cases: t.array(t.type({ name: t.string, input_hex: t.union([t.string, t.null]) })) }),
  )

  it.each(cases.map(({ name, input_hex: hex }) => [name, hex ?? ''] as const))('%s', (_, hex) => {
    const bytes = bytesOf(hex)
    const before = performance.now()
    for (const decode of [decodeUtMetadata, decodeExtendedHandshake])
      expect(() => decode(bytes)).not.toThrow()
    // None of them is a message.
    expect(E.isLeft(decodeUtMetadata(bytes))).toBe(true)
    expect(performance.now() - before).toBeLessThan(50)
  })
})
