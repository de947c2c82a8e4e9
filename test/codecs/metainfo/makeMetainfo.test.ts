import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { pipe } from '#fp/function'
import { toLatin1, toUtf8 } from '../../../src/codecs/bytes.js'
import { sha1 } from '../../../src/codecs/infohash.js'
import type { MetainfoDraft } from '../../../src/codecs/metainfo.js'
import { decodeMetainfo, encodeMetainfo, makeMetainfo, Metainfo } from '../../../src/codecs/metainfo.js'
import { dictOf, encoded, PIECE_LENGTH, v1Torrent, v2File } from './torrents.js'

const hello: MetainfoDraft = {
  name: 'hello.txt',
  content: 5,
  pieceLength: 16_384,
  pieces: sha1(toUtf8('hello')),
}
const PIECES = toLatin1(hello.pieces)

const draft: fc.Arbitrary<MetainfoDraft> = fc
  .record({
    name: fc.stringMatching(/^[a-z]{1,8}$/),
    files: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 5 }),
    isSingle: fc.boolean(),
    length: fc.integer({ min: 1, max: 40_000 }),
    trackers: fc.constantFrom(
      [],
      [['http://a.example/x']],
      [['udp://a.example:1', 'http://b.example/'], ['udp://c.example:2']],
    ),
    webSeeds: fc.constantFrom(
      [],
      ['http://s.example/f/'],
      ['http://s.example/f/', 'https://t.example/a%20b/'],
    ),
    isPrivate: fc.boolean(),
    source: fc.option(fc.string({ maxLength: 5 }), { nil: undefined }),
    comment: fc.option(fc.string({ minLength: 1, unit: 'grapheme' }), { nil: undefined }),
    createdBy: fc.constantFrom(undefined, 'rxtorrent'),
    creationDate: fc.option(fc.nat(), { nil: undefined }),
  })
  .map(({ files, isSingle, length, source, comment, createdBy, creationDate, ...rest }) => ({
    ...rest,
    content: isSingle ? length : files.map((name) => ({ path: ['d', name], length })),
    pieceLength: 16_384,
    pieces: new Uint8Array(20 * Math.ceil((isSingle ? length : files.length * length) / 16_384)),
    ...(source === undefined ? {} : { source }),
    ...(comment === undefined ? {} : { comment }),
    ...(createdBy === undefined ? {} : { createdBy }),
    ...(creationDate === undefined ? {} : { creationDate }),
  }))

describe('makeMetainfo', () => {
  it('writes one file', () => {
    expect(E.map(toLatin1)(makeMetainfo(hello))).toEqual(
      E.right(`d4:infod6:lengthi5e4:name9:hello.txt12:piece lengthi16384e6:pieces20:${PIECES}ee`),
    )
  })

  it('writes a folder with all that belongs to it', () => {
    const made = makeMetainfo({
      name: 'r',
      content: [
        { path: ['d', 'b'], length: 3 },
        { path: ['a'], length: 2 },
      ],
      pieceLength: 16_384,
      pieces: hello.pieces,
      trackers: [['udp://a.example:1'], ['udp://b.example:2', 'http://c.example/announce']],
      webSeeds: ['http://s.example/f'],
      isPrivate: true,
      source: 'S',
      comment: 'é',
      createdBy: 'me',
      creationDate: 7,
    })
    expect(E.map(toLatin1)(made)).toEqual(
      E.right(
        'd8:announce17:udp://a.example:113:announce-listll17:udp://a.example:1el17:udp://b.example:2' +
          '25:http://c.example/announceee7:comment2:\xc3\xa910:created by2:me13:creation datei7e' +
          '4:infod5:filesld6:lengthi3e4:pathl1:d1:beed6:lengthi2e4:pathl1:aeee4:name1:r' +
          `12:piece lengthi16384e6:pieces20:${PIECES}7:privatei1e6:source1:Se8:url-listl19:http://s.example/f/ee`,
      ),
    )
  })

  it.each<readonly [string, Partial<MetainfoDraft>, string]>([
    ['pieces that do not fit', { content: 20_000 }, 'info.pieces'],
    ['a name that is none', { name: '..' }, 'name'],
    ['an unsafe path', { content: [{ path: ['..', 'a'], length: 5 }] }, 'files[0].path'],
    ['a path twice', { content: ['a', 'A'].map((name) => ({ path: [name], length: 1 })) }, 'files[1].path'],
    ['a tracker that is none', { trackers: [['file:///etc/passwd']] }, 'announce-list'],
    ['a web seed that is none', { webSeeds: ['ftp://x.example/'] }, 'url-list'],
    ['half a byte', { content: 0.5 }, ''],
  ])('refuses %s', (_, changes, path) => {
    expect(makeMetainfo({ ...hello, ...changes })).toEqual(
      E.left(expect.objectContaining({ _tag: 'InvalidField', path })),
    )
  })

  test.prop([draft])('comes back byte for byte', (input) => {
    const made = makeMetainfo(input)
    if (E.isLeft(made)) throw new Error(JSON.stringify(made.left))
    expect(pipe(decodeMetainfo(made.right), E.map(encodeMetainfo))).toEqual(made)
    expect(
      pipe(
        decodeMetainfo(made.right),
        E.map(({ isPrivate }) => isPrivate),
      ),
    ).toEqual(E.right(input.isPrivate))
  })
})

describe('encodeMetainfo', () => {
  it('keeps info as it was and gives the rest its order', () => {
    const torrent = toLatin1(
      v1Torrent({ zzz: 'unknown' }, { httpseeds: ['http://h.example/'], nodes: [['127.0.0.1', 1]] }),
    )
    expect(
      pipe(decodeMetainfo(Buffer.from(torrent, 'latin1')), E.map(encodeMetainfo), E.map(toLatin1)),
    ).toEqual(E.right(torrent))
  })

  it('writes piece layers', () => {
    const { leaf, layers } = v2File(new Uint8Array(100_000))
    const torrent = encoded(
      dictOf({
        info: dictOf({
          'file tree': dictOf({ a: leaf }),
          'meta version': 2,
          name: 'r',
          'piece length': PIECE_LENGTH,
        }),
        'piece layers': new Map(layers),
      }),
    )
    expect(pipe(decodeMetainfo(torrent), E.map(encodeMetainfo))).toEqual(E.right(torrent))
  })
})

describe('Metainfo', () => {
  it('is a codec of both', () => {
    const torrent = v1Torrent()
    const metainfo = Metainfo.decode(torrent)
    if (E.isLeft(metainfo)) throw new Error('refused')
    expect(Metainfo.is(metainfo.right)).toBe(true)
    expect(Metainfo.encode(metainfo.right)).toEqual(torrent)
  })

  it('explains in one line', () => {
    const failed = Metainfo.decode(toUtf8('<html>'))
    expect(E.isLeft(failed) && failed.left[0]?.message).toBe('not valid bencode: unexpected byte (byte 0)')
    expect(Metainfo.decode('text')._tag).toBe('Left')
    expect(Metainfo.is({})).toBe(false)
  })
})
