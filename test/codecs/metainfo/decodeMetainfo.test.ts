import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { fromLatin1, toHex, toLatin1 } from '../../../src/codecs/bytes.js'
import type { DecodeError } from '../../../src/codecs/errors.js'
import { showDecodeError } from '../../../src/codecs/errors.js'
import { sha1, sha256 } from '../../../src/codecs/infohash.js'
import type { Metainfo, MetainfoOptions } from '../../../src/codecs/metainfo.js'
import { decodeInfo, decodeMetainfo } from '../../../src/codecs/metainfo.js'
import { dictOf, encoded, PIECE_LENGTH, v1Files, v1Torrent, v2File } from './torrents.js'

const decoded = (bytes: Uint8Array, options?: MetainfoOptions): Metainfo => {
  const metainfo = decodeMetainfo(bytes, options)
  if (E.isLeft(metainfo)) throw new Error(showDecodeError(metainfo.left))
  return metainfo.right
}

const refusal = (bytes: Uint8Array): DecodeError | undefined => {
  const metainfo = decodeMetainfo(bytes)
  return E.isLeft(metainfo) ? metainfo.left : undefined
}

const paths = ({ files }: Metainfo): ReadonlyArray<string> => files.map(({ path }) => path.join('/'))

describe('a v1 torrent', () => {
  it('of one file', () => {
    const bytes = v1Torrent({ private: 1 })
    const info = bytes.subarray(7, -1)
    expect(decoded(bytes)).toEqual({
      name: 'hello',
      version: 'v1',
      infohash: { v1: O.some(sha1(info)), v2: O.none },
      pieceLength: 16_384,
      pieceCount: 1,
      totalSize: 5,
      streamLength: 5,
      files: [
        {
          path: ['hello'],
          length: 5,
          offset: 0,
          isPad: false,
          isExecutable: false,
          isHidden: false,
          symlink: O.none,
          piecesRoot: O.none,
        },
      ],
      pieces: new Uint8Array(20),
      pieceLayers: new Map(),
      isPrivate: true,
      trackers: [],
      webSeeds: [],
      httpSeeds: [],
      nodes: [],
      comment: O.none,
      createdBy: O.none,
      creationDate: O.none,
      info,
      isCanonical: true,
    })
  })

  it('of several, with attributes', () => {
    const metainfo = decoded(
      v1Files([
        { length: 3, path: ['a', 'x'], attr: 'x' },
        { length: 10, attr: 'p' },
        { length: 2, path: ['.b'], attr: 'h' },
        { length: 7, path: ['link'], attr: 'l', 'symlink path': ['a', 'x'] },
        { length: 4, path: ['_____padding_file_0_'] },
      ]),
    )
    expect(metainfo.files.map(({ path, offset, length }) => [path.join('/'), offset, length])).toEqual([
      ['root/a/x', 0, 3],
      ['root/.pad/10', 3, 10],
      ['root/.b', 13, 2],
      ['root/link', 15, 0],
      ['root/_____padding_file_0_', 15, 4],
    ])
    expect(metainfo.files.map((file) => [file.isExecutable, file.isPad, file.isHidden])).toEqual([
      [true, false, false],
      [false, true, false],
      [false, false, true],
      [false, false, false],
      [false, true, false],
    ])
    expect(metainfo.files[3]?.symlink).toEqual(O.some(['root', 'a', 'x']))
    expect([metainfo.totalSize, metainfo.streamLength]).toEqual([5, 19])
  })

  it('says what surrounds info', () => {
    const metainfo = decoded(
      v1Torrent(
        {},
        {
          comment: 'é',
          'created by': 'me',
          'creation date': 7,
          announce: 'udp://t.example:1',
          nodes: [['h', 1]],
        },
      ),
    )
    expect(metainfo).toMatchObject({
      comment: O.some('é'),
      createdBy: O.some('me'),
      creationDate: O.some(7),
      trackers: [['udp://t.example:1']],
      nodes: [{ host: 'h', port: 1 }],
    })
  })

  it('takes nonsense around info for nothing', () => {
    const metainfo = decoded(
      v1Torrent(
        {},
        { comment: 1, 'creation date': 'x', announce: [], 'url-list': 3, nodes: 'x', 'piece layers': 1 },
      ),
    )
    expect(metainfo).toMatchObject({
      comment: O.none,
      creationDate: O.none,
      trackers: [],
      webSeeds: [],
      nodes: [],
    })
    expect(decoded(v1Torrent({}, { 'creation date': -1 })).creationDate).toEqual(O.none)
  })

  it('hashes the bytes as they are, whatever their order', () => {
    const info = `d4:name1:x6:lengthi5e12:piece lengthi16384e6:pieces20:${'\xab'.repeat(20)}e`
    const metainfo = decoded(fromLatin1(`d4:info${info}e`))
    expect(metainfo.isCanonical).toBe(false)
    expect(metainfo.infohash.v1).toEqual(O.some(sha1(fromLatin1(info))))
    expect(toLatin1(metainfo.info)).toBe(info)
  })

  it('keeps nothing of the buffer it was given', () => {
    const bytes = Buffer.from(v1Torrent())
    const metainfo = decoded(bytes)
    const before = structuredClone(metainfo.info)
    bytes.fill(0)
    expect(metainfo.info).toEqual(before)
  })

  it('lets a line break follow, but nothing else', () => {
    const torrent = toLatin1(v1Torrent())
    expect(refusal(fromLatin1(`${torrent}\r\n`))).toBeUndefined()
    expect(refusal(fromLatin1(`${torrent}\n\n\n`))).toMatchObject({
      reason: 'trailing-bytes',
      offset: torrent.length,
    })
    expect(refusal(fromLatin1(`${torrent}X`))).toMatchObject({ reason: 'trailing-bytes' })
  })

  it('has names for its platform, the infohash where the name is none', () => {
    const files = [{ length: 5, path: ['C:', 'con.txt'] }]
    expect(paths(decoded(v1Files(files)))).toEqual(['root/C:/con.txt'])
    expect(paths(decoded(v1Files(files), { platform: 'windows' }))).toEqual(['root/C_/_con.txt'])
    const nameless = decoded(v1Torrent({ name: '..' }))
    expect(nameless.name).toBe(O.isSome(nameless.infohash.v1) && toHex(nameless.infohash.v1.value))
  })

  it('prefers the UTF-8 names of old clients', () => {
    const files = [{ length: 5, path: ['\u3042'], 'path.utf-8': ['あ'] }]
    expect(paths(decoded(v1Files(files, { 'name.utf-8': 'ルート' })))).toEqual(['ルート/あ'])
  })

  const file = (changes: object): Uint8Array => v1Files([{ length: 5, path: ['a'], ...changes }])
  it.each<readonly [string, Uint8Array, string, string]>([
    ['no name', v1Torrent({ name: undefined }), 'info.name', 'a byte string'],
    ['no length', v1Torrent({ length: undefined }), 'info.length', 'a length, or files'],
    ['both', v1Torrent({ files: [] }), 'info.length', 'no length beside files'],
    ['no files', v1Files([]), 'info.files', 'at least one file'],
    ['no data', v1Torrent({ length: 0, pieces: '' }), 'info', 'at least one byte of data'],
    [
      'piece length 0',
      v1Torrent({ 'piece length': 0 }),
      'info.piece length',
      'an integer from 1 to 536854528',
    ],
    ['no path', file({ path: undefined }), 'info.files[0].path', 'at least one element'],
    ['an empty path', file({ path: [] }), 'info.files[0].path', 'at least one element'],
    ['a number in a path', file({ path: ['a', 1] }), 'info.files[0].path[1]', 'a byte string'],
    ['no length of a file', file({ length: undefined }), 'info.files[0].length', 'a length'],
    ['a negative one', file({ length: -1 }), 'info.files[0].length', 'an integer from 0 to 281474976710655'],
    ['too few pieces', v1Torrent({ length: 16_385 }), 'info.pieces', '40 bytes: 20 for each of 2 pieces'],
    ['half a piece', v1Torrent({ pieces: 'x' }), 'info.pieces', '20 bytes: 20 for each of 1 pieces'],
    ['no pieces', v1Torrent({ pieces: undefined }), 'info.pieces', '20 bytes: 20 for each of 1 pieces'],
    ['an unknown version', v1Torrent({ 'meta version': 3 }), 'info.meta version', 'meta version 1 or 2'],
    ['no info', encoded(dictOf({ a: 1 })), 'info', 'a dictionary'],
    ['no dictionary', encoded([]), '', 'a dictionary'],
  ])('is refused with %s', (_, bytes, path, expected) => {
    expect(refusal(bytes)).toMatchObject({ _tag: 'InvalidField', path, expected })
  })

  it.each<readonly [string, Uint8Array, string]>([
    ['pieces', v1Torrent({ length: 2 ** 40, 'piece length': 1 }), 'pieces'],
    ['length in all', v1Files([1, 2].map((i) => ({ length: 2 ** 47, path: [String(i)] }))), 'total length'],
    ['directories', file({ path: Array.from({ length: 101 }, () => 'd') }), 'directory depth'],
    [
      'files of one name',
      v1Files(Array.from({ length: 600 }, () => ({ length: 1, path: ['a'] }))),
      'duplicate names',
    ],
    ['bytes', v1Torrent({}, { x: new Uint8Array(10_000_000) }), 'size'],
  ])('is refused with too many %s', (_, bytes, limit) => {
    expect(refusal(bytes)).toMatchObject({ _tag: 'LimitExceeded', limit })
  })
})

describe('a v2 torrent', () => {
  const one = new Uint8Array(100_000).fill(1)
  const two = new Uint8Array(20_000).fill(2)
  const [first, second, empty] = [v2File(one), v2File(two), v2File(new Uint8Array(0))]
  const tree = dictOf({ 'a.bin': first.leaf, d: dictOf({ 'b.bin': second.leaf, 'c.bin': empty.leaf }) })
  const info = { 'file tree': tree, 'meta version': 2, name: 'root', 'piece length': PIECE_LENGTH }
  const torrent = (
    changes: object = {},
    layers: ReadonlyArray<readonly [string, Uint8Array]> = first.layers,
  ): Uint8Array => encoded(dictOf({ info: dictOf({ ...info, ...changes }), 'piece layers': new Map(layers) }))

  it('has each file at the start of a piece', () => {
    const metainfo = decoded(torrent())
    expect(metainfo.version).toBe('v2')
    expect(metainfo.infohash).toEqual({ v1: O.none, v2: O.some(sha256(metainfo.info)) })
    expect(
      metainfo.files.map(({ path, offset, length, isPad }) => [path.join('/'), offset, length, isPad]),
    ).toEqual([
      ['root/a.bin', 0, 100_000, false],
      ['root/.pad/31072', 100_000, 31_072, true],
      ['root/d/b.bin', 131_072, 20_000, false],
      ['root/d/c.bin', 151_072, 0, false],
    ])
    expect([metainfo.pieceCount, metainfo.totalSize, metainfo.streamLength]).toEqual([5, 120_000, 151_072])
    expect([...metainfo.pieceLayers.values()]).toEqual(first.layers.map(([, layer]) => layer))
    expect(metainfo.pieces).toHaveLength(0)
  })

  it('may come without piece layers', () => {
    expect(decoded(torrent({}, [])).pieceLayers.size).toBe(0)
    const { info: raw, infohash } = decoded(torrent())
    expect(E.map((alone: Metainfo) => alone.infohash)(decodeInfo(raw))).toEqual(E.right(infohash))
  })

  it('is a single file if that has its name', () => {
    expect(paths(decoded(torrent({ 'file tree': dictOf({ root: second.leaf }) }, [])))).toEqual(['root'])
    expect(paths(decoded(torrent({ 'file tree': dictOf({ other: second.leaf }) }, [])))).toEqual([
      'root/other',
    ])
  })

  const [root, layer] = first.layers[0] ?? ['', new Uint8Array(0)]
  const wrong = layer.slice().fill(0, 0, 1)
  const leafOf = (fields: object): object => ({
    'file tree': dictOf({ a: dictOf({ '': dictOf({ ...fields }) }) }),
  })
  it.each<readonly [string, Uint8Array, string]>([
    ['a wrong layer', torrent({}, [[root, wrong]]), 'hashes that lead to the root'],
    ['a short layer', torrent({}, [[root, layer.subarray(32)]]), '128 bytes'],
    ['a strange layer', torrent({}, [['\0'.repeat(32), layer]]), 'the root of a file longer than a piece'],
    ['a piece length of 48 KiB', torrent({ 'piece length': 49_152 }), 'a power of two, at least 16384'],
    ['a piece length of 8 KiB', torrent({ 'piece length': 8_192 }), 'a power of two, at least 16384'],
    ['no tree', torrent({ 'file tree': undefined }), 'a dictionary'],
    ['an empty tree', torrent({ 'file tree': new Map() }), 'at least one file'],
    [
      'a pad file',
      torrent(leafOf({ attr: 'p', length: 1, 'pieces root': two.subarray(0, 32) })),
      'no pad file',
    ],
    ['no root', torrent(leafOf({ length: 1 })), '32 bytes that are not all zero'],
    [
      'a zero root',
      torrent(leafOf({ length: 1, 'pieces root': new Uint8Array(32) })),
      '32 bytes that are not all zero',
    ],
    ['a file without name', torrent({ 'file tree': dictOf({ '': second.leaf }) }), 'a name'],
    [
      'a file that is a directory',
      torrent({ 'file tree': dictOf({ a: dictOf({ '': new Map(), b: second.leaf }) }) }),
      'either a file or a directory',
    ],
    ['no data', torrent({ 'file tree': dictOf({ a: empty.leaf }) }, []), 'at least one byte of data'],
  ])('is refused with %s', (_, bytes, expected) => {
    expect(refusal(bytes)).toMatchObject({ _tag: 'InvalidField', expected })
  })

  it('is refused with a tree out of order', () => {
    const text = toLatin1(torrent()).replace('5:a.bind', '5:z.bind')
    expect(refusal(fromLatin1(text))).toMatchObject({
      path: 'info.file tree',
      expected: 'keys in byte order',
    })
  })

  const hybrid = (files: ReadonlyArray<object>, length: number): Uint8Array =>
    torrent({
      files: files.map((file) => dictOf({ ...file })),
      pieces: new Uint8Array(20 * Math.ceil(length / PIECE_LENGTH)),
    })
  const a = { path: ['a.bin'], length: 100_000 }
  const b = { path: ['d', 'b.bin'], length: 20_000 }
  const c = { path: ['d', 'c.bin'], length: 0 }
  const pad = { path: ['.pad', '1'], length: 31_072, attr: 'p' }

  it('may be a v1 torrent too', () => {
    const metainfo = decoded(hybrid([a, pad, b, c], 151_072))
    expect(metainfo.version).toBe('hybrid')
    expect(metainfo.infohash).toEqual({ v1: O.some(sha1(metainfo.info)), v2: O.some(sha256(metainfo.info)) })
    expect(metainfo.files.map(({ piecesRoot }) => O.isSome(piecesRoot))).toEqual([true, false, true, false])
  })

  it.each([
    ['another order', [b, pad, a, c]],
    ['another length', [a, pad, { ...b, length: 19_999 }, c]],
    ['another name', [a, pad, { ...b, path: ['d', 'B.bin'] }, c]],
    ['a file too few', [a, pad, b]],
    ['a file too many', [a, pad, b, c, { ...c, path: ['e'] }]],
    ['a file out of line', [a, { ...pad, length: 31_071 }, b, c]],
  ])('is refused if the v1 list has %s', (_, files) => {
    const length = files.reduce((sum, file) => sum + file.length, 0)
    expect(refusal(hybrid(files, length))).toMatchObject({
      expected: 'the same files in files and file tree',
    })
  })
})

describe('any bytes', () => {
  const torrent = v1Files([
    { length: 3, path: ['a', 'b'] },
    { length: 2, path: ['c'], attr: 'l', 'symlink path': ['a'] },
  ])

  it('every prefix is refused', () => {
    for (let end = 0; end < torrent.length; end++) {
      expect(decodeMetainfo(torrent.subarray(0, end))._tag).toBe('Left')
    }
  })

  test.prop(
    [fc.array(fc.tuple(fc.nat(torrent.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 6 })],
    {
      numRuns: 1_000,
    },
  )('nothing is thrown, and what comes out stays below the root', (changes) => {
    const bytes = torrent.slice()
    for (const [at, byte] of changes) bytes[at] = byte
    const result = decodeMetainfo(bytes)
    if (E.isLeft(result)) expect(showDecodeError(result.left)).toMatch(/^[\x20-\x7e…]{5,300}$/)
    else {
      const links = result.right.files.flatMap(({ symlink }) => (O.isSome(symlink) ? [symlink.value] : []))
      for (const path of [...result.right.files.map((file) => file.path), ...links]) {
        expect(path[0]).toBe(result.right.name)
        expect(path.filter((name) => /^\.{0,2}$|[/\\\0]/.test(name))).toEqual([])
      }
    }
  })
})
