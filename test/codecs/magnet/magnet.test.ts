import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { pipe } from '#fp/function'
import * as O from '#fp/Option'
import { toHex } from '../../../src/codecs/bytes.js'
import { decodeMagnet, encodeMagnet, type Magnet, magnetOf, wantsFile } from '../../../src/codecs/magnet.js'
import { formatIp, parseIp } from '../../../src/codecs/ipAddress.js'
import { makeTorrent } from '../../support/makeTorrent.js'

const HASH = 'cd'.repeat(20)
const LINK = `magnet:?xt=urn:btih:${HASH}`

const decoded = (text: string): Magnet =>
  E.getOrElse((): Magnet => {
    throw new Error(text)
  })(decodeMagnet(text))

const bytesOf = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length })

const hashes = fc
  .record({ v1: fc.option(bytesOf(20), { nil: undefined }), v2: fc.option(bytesOf(32), { nil: undefined }) })
  .filter(({ v1, v2 }) => v1 !== undefined || v2 !== undefined)
  .map(({ v1, v2 }) => ({ v1: O.fromNullable(v1), v2: O.fromNullable(v2) }))

const urls = (scheme: string): fc.Arbitrary<ReadonlyArray<string>> =>
  fc.uniqueArray(
    fc
      .tuple(fc.domain(), fc.stringMatching(/^[a-z0-9+%?=&]{0,12}$/))
      .map(([host, path]) => `${scheme}://${host}/${path.replaceAll('%', '%25')}`),
    { maxLength: 4 },
  )

const hosts = fc
  .oneof(fc.ipV4(), fc.ipV6())
  .map((host) => pipe(parseIp(host), O.chain(formatIp), O.toNullable) ?? '192.0.2.1')

const ports = fc.integer({ min: 1, max: 65_535 })

/** Ranges in order, with a gap of at least one between them. */
const ranges = fc
  .array(fc.tuple(fc.integer({ min: 2, max: 50 }), fc.integer({ min: 0, max: 50 })), { maxLength: 6 })
  .map((steps) => {
    let at = -2
    return steps.map(([gap, length]) => {
      const first = at + gap
      at = first + length
      return { first, last: at }
    })
  })

const anyMagnet: fc.Arbitrary<Magnet> = fc.record({
  infohash: hashes,
  name: fc.option(fc.string({ unit: 'grapheme', minLength: 1 }), { nil: undefined }).map(O.fromNullable),
  trackers: urls('udp'),
  webSeeds: urls('https').map((all) => [...new Set(all.map((url) => new URL(url).href))]),
  peers: fc.array(fc.record({ host: hosts, port: ports }), { maxLength: 4 }),
  select: ranges,
})

describe('decodeMagnet', () => {
  test.prop([anyMagnet])('undoes encodeMagnet', (magnet) => {
    expect(decodeMagnet(encodeMagnet(magnet))).toEqual(E.right(magnet))
  })

  test.prop([fc.string({ unit: 'binary' })])('never throws', (text) => {
    expect(() => decodeMagnet(`${LINK}&${text}`)).not.toThrow()
    expect(() => decodeMagnet(`magnet:?${text}`)).not.toThrow()
  })

  it('leaves out what makes no sense', () => {
    const junk = [
      'dn=',
      'tr=',
      'tr=file:///etc/passwd',
      'tr=http://tracker.example/?info_hash=x',
      `tr=http://tracker.example/${'x'.repeat(5_000)}`,
      'ws=ftp://seed.example/',
      'ws=http://user:secret@seed.example/',
      'x.pe=seed.example:6881',
      'x.pe=192.0.2.1:0',
      'x.pe=192.0.2.1',
      'x.pe=192.0.2.256:1',
      'x.pe=[192.0.2.1]',
      'x.pe=[2001:db8::1]',
      'so=4-2,x,-1,3-,1000000',
      'xt=urn:sha1:YNCKHTQCWBTRNJIV4WNAE52SJUQCZO5C',
      '=&&=&%&%zz=%zz',
    ]
    expect(decodeMagnet(`${LINK}&${junk.join('&')}`)).toEqual(decodeMagnet(LINK))
  })

  it('keeps a plus, but for one in a name', () => {
    const magnet = decoded(`${LINK}&dn=a+b%2Bc&tr=http://tracker.example/a+b`)
    expect(magnet).toMatchObject({ name: O.some('a b+c'), trackers: ['http://tracker.example/a+b'] })
  })

  it('takes peers of both families', () => {
    expect(decoded(`${LINK}&x.pe=192.0.2.1:6881&x.pe=[2001:db8::1]:1&X.PE=%5B::1%5D:2`).peers).toEqual([
      { host: '192.0.2.1', port: 6881 },
      { host: '2001:db8::1', port: 1 },
      { host: '::1', port: 2 },
    ])
  })

  it('holds trackers, web seeds and peers within bounds', () => {
    const many = (make: (i: number) => string): string =>
      Array.from({ length: 1_200 }, (_, i) => make(i)).join('&')
    expect(decoded(`${LINK}&${many((i) => `tr=http://t${String(i)}.example/`)}`).trackers).toHaveLength(1_000)
    expect(decoded(`${LINK}&${many((i) => `ws=http://t${String(i)}.example/`)}`).webSeeds).toHaveLength(200)
    expect(decoded(`${LINK}&${many((i) => `x.pe=192.0.2.1:${String(i + 1)}`)}`).peers).toHaveLength(200)
  })

  it('refuses more text than a link can be', () => {
    expect(decodeMagnet(`${LINK}&x=${'x'.repeat(64 * 1024)}`)).toMatchObject(
      E.left({ _tag: 'LimitExceeded' }),
    )
  })

  it('does not write ranges out', () => {
    expect(decoded(`${LINK}&so=0-999999`).select).toEqual([{ first: 0, last: 999_999 }])
    expect(decoded(`${LINK}&so=0-100000000`).select).toEqual([])
  })

  it.each(['', 'http://example.com/', 'magnet:', 'magnet:xt=urn:btih:'])('refuses %j', (text) => {
    expect(decodeMagnet(text)).toMatchObject(E.left({ _tag: 'InvalidField', path: '' }))
  })
})

describe('magnetOf', () => {
  it('says what the torrent says', () => {
    const { metainfo } = makeTorrent({
      pieceLength: 16_384,
      files: [5, 6],
      trackers: ['http://a.example/', 'udp://c.example:1'],
    })
    const magnet = magnetOf(metainfo)
    expect(decodeMagnet(encodeMagnet(magnet))).toEqual(E.right(magnet))
    expect(magnet.trackers).toEqual(['http://a.example/', 'udp://c.example:1'])
    expect(O.map(toHex)(magnet.infohash.v1)).toEqual(O.map(toHex)(metainfo.infohash.v1))
  })
})

describe('wantsFile', () => {
  it('takes all files where a link says nothing', () => {
    expect(wantsFile({ select: [] }, 7)).toBe(true)
    const { select } = decoded(`${LINK}&so=1,3-4`)
    expect([0, 1, 2, 3, 4, 5].map((index) => wantsFile({ select }, index))).toEqual([
      false,
      true,
      false,
      true,
      true,
      false,
    ])
  })
})
