import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { decodeBencode, encodeBencode, isBencodeDict, rawBencode } from '../../src/codecs/bencode.js'
import type { BencodeInput } from '../../src/codecs/bencode.js'
import { toUtf8 } from '../../src/codecs/bytes.js'
import { sha1 } from '../../src/codecs/infohash.js'
import {
  decodeResume,
  encodeResume,
  ResumeData,
  type ResumeError,
  resumeInfohash,
  showResumeError,
} from '../../src/codecs/resume.js'
import { makeTorrent } from '../support/makeTorrent.js'
import { resumeOf } from './resume/resumes.js'

const { metainfo } = makeTorrent({ pieceLength: 65_536, files: [200_000, 0, 500_000, 33] })
const other = makeTorrent({ pieceLength: 65_536, files: [200_000, 0, 500_000, 34] }).metainfo

const plain: ResumeData = {
  infohash: resumeInfohash(metainfo),
  pieces: Uint8Array.of(0b1100_0000, 0b0010_0000),
  blockLength: 16_384,
  partial: [{ piece: 2, blocks: Uint8Array.of(0b1010_0000) }],
  priorities: [4, 4, 0, 7],
  peers: [{ host: '192.0.2.1', port: 6_881 }],
  trackers: [['http://tracker.test/announce']],
  unsynced: O.none,
  removedTrackers: ['http://other.test/announce'],
  totals: { downloaded: 1, uploaded: 2 },
  files: [O.some({ size: 200_000, mtimeMs: 1_700_000_000_000.25 }), O.none, O.none, O.none],
  renamed: [
    { file: 0, path: ['elsewhere', 'a name of its own'] },
    { file: 3, path: ['data', '0.bin'] },
  ],
  addedAt: 1_700_000_000_000,
}

const tagOf = (bytes: Uint8Array): ResumeError['_tag'] | 'right' => {
  const decoded = decodeResume(bytes, metainfo)
  return E.isLeft(decoded) ? decoded.left._tag : 'right'
}

const errorOf = (bytes: Uint8Array): ResumeError | undefined => {
  const decoded = decodeResume(bytes, metainfo)
  return E.isLeft(decoded) ? decoded.left : undefined
}

const encode = (value: BencodeInput): Uint8Array =>
  E.getOrElse((): Uint8Array => expect.unreachable())(encodeBencode(value))

/** Fields of our making, signed as if they had been saved. */
const forged = (change: (fields: Map<string, BencodeInput>) => void, version = 1): Uint8Array => {
  const document = decodeBencode(encodeResume(plain))
  const resume =
    E.isRight(document) && isBencodeDict(document.right.value) && document.right.value.get('resume')
  if (!isBencodeDict(resume)) return expect.unreachable()
  const fields = new Map<string, BencodeInput>(resume as ReadonlyMap<string, BencodeInput>)
  change(fields)
  const raw = encode(fields)
  return encode(
    new Map<string, BencodeInput>([
      ['digest', sha1(raw)],
      ['resume', rawBencode(raw)],
      ['version', version],
    ]),
  )
}

describe('resume data', () => {
  test.prop([resumeOf(metainfo)])('come back as they were, in one form', (data) => {
    const bytes = encodeResume(data)
    const decoded = decodeResume(bytes, metainfo)
    expect(decoded).toEqual(E.right(data))
    if (E.isRight(decoded)) expect(encodeResume(decoded.right)).toEqual(bytes)
  })

  it('are an io-ts codec for a torrent', () => {
    const codec = ResumeData(metainfo)
    expect(codec.decode(codec.encode(plain))).toEqual(E.right(plain))
    expect(codec.is(plain)).toBe(true)
    const failed = codec.decode(Uint8Array.of(1, 2))
    expect(E.isLeft(failed) && failed.left[0]?.message).toContain('cannot be read')
  })

  it('torn at any byte are refused', () => {
    const bytes = encodeResume(plain)
    for (let end = 0; end < bytes.length; end++) {
      expect(tagOf(bytes.subarray(0, end)), String(end)).toBe('ResumeMalformed')
    }
  })

  it('with any bit flipped are refused', () => {
    const bytes = encodeResume(plain)
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const flipped = bytes.slice()
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expect(tagOf(flipped), String(bit)).not.toBe('right')
    }
  })

  it('with zeros from any byte on, as a crash may leave them, are refused', () => {
    const bytes = encodeResume(plain)
    for (let from = 0; from < bytes.length; from++) {
      const torn = bytes.slice()
      torn.fill(0, from)
      expect(tagOf(torn), String(from)).not.toBe('right')
    }
  })

  test.prop([fc.uint8Array({ maxLength: 300 })])('that are anything else are refused', (bytes) => {
    expect(tagOf(bytes)).not.toBe('right')
  })

  it('with bytes behind them are refused', () => {
    const bytes = encodeResume(plain)
    expect(tagOf(Uint8Array.of(...bytes, 0x65))).toBe('ResumeMalformed')
  })

  it('of another torrent are refused', () => {
    expect(E.mapLeft(({ _tag }: ResumeError) => _tag)(decodeResume(encodeResume(plain), other))).toEqual(
      E.left('ResumeForeign'),
    )
  })

  it('of a later version are refused before anything in them is read', () => {
    const later = encode(
      new Map<string, BencodeInput>([
        ['digest', new Uint8Array(20)],
        ['resume', new Map()],
        ['version', 2],
      ]),
    )
    expect(errorOf(later)).toEqual({ _tag: 'ResumeVersionUnknown', version: 2 })
    expect(tagOf(forged(() => undefined, 0))).toBe('ResumeMalformed')
  })

  it('larger than any can be are refused unread', () => {
    expect(tagOf(new Uint8Array(16 * 1024 * 1024 + 1))).toBe('ResumeTooLarge')
  })

  it('without names are of files that have those of the torrent, as all were before there were any', () => {
    const before = forged((fields) => fields.delete('renamed'))
    expect(decodeResume(before, metainfo)).toEqual(E.right({ ...plain, renamed: [] }))
    expect(encodeResume({ ...plain, renamed: [] })).toEqual(before)
  })

  it('claim for a while only what they claim, under a name that can be one', () => {
    const unsynced = { bootId: 'boot-1', pieces: Uint8Array.of(0b0100_0000, 0) }
    const data = { ...plain, unsynced: O.some(unsynced) }
    expect(decodeResume(encodeResume(data), metainfo)).toEqual(E.right(data))
    const read = (boot: string, ...pieces: ReadonlyArray<number>): ReturnType<typeof errorOf> =>
      errorOf(
        forged((fields) =>
          fields.set(
            'unsynced',
            new Map([
              ['boot', toUtf8(boot)],
              ['pieces', Uint8Array.from(pieces)],
            ]),
          ),
        ),
      )
    for (const pieces of [[0b0010_0000, 0], [0b0100_0000], [0b0100_0000, 0, 0]]) {
      expect(read('boot-1', ...pieces)).toEqual({ _tag: 'ResumeMismatch', field: 'unsynced' })
    }
    for (const boot of ['two words', 'a'.repeat(65), 'b\u0000']) {
      expect(read(boot, 0b0100_0000, 0)).toMatchObject({ _tag: 'ResumeMalformed' })
    }
  })

  const named = (text: string): Uint8Array => forged((fields) => fields.set('renamed', toUtf8(text)))

  it.each([
    ['nothing', ''],
    ['no end', '0/a'],
    ['no file', '/a\n'],
    ['no path', '0\n'],
    ['an empty line', '0/a\n\n'],
    ['a number in another form', '00/a\n'],
    ['a sign', '+0/a\n'],
    ['a fraction', '0.5/a\n'],
    ['a file twice', '0/a\n0/b\n'],
    ['files in disorder', '3/a\n0/b\n'],
    ['more folders than a torrent may have', `0${'/d'.repeat(101)}\n`],
  ])('with names that are no such list are refused: %s', (_, text) => {
    expect(tagOf(named(text))).toBe('ResumeMalformed')
  })

  it.each([
    ['a way out', '0/../../etc/passwd\n'],
    ['a way out, further on', '0/data/../../../x\n'],
    ['the root', '0//etc/passwd\n'],
    ['a separator of another system', '0/..\\..\\x\n'],
    ['a zero byte', '0/data/a\0b\n'],
    ['what is not UTF-8', '0/data/\ufffd\n'],
    ['the folder that is ours', '0/.rxtorrent/x\n'],
    ['the folder that is ours, in other letters', '0/.RXTORRENT/x.resume\n'],
    ['the name of another file', '0/data/2.bin\n'],
    ['the name of another file, in other letters', '0/DATA/2.BIN\n'],
    ['one name for two', '0/x\n2/X\n'],
    ['a place below another file', '0/data/2.bin/x\n'],
    ['a folder of the others', '0/data\n'],
    ['a file that is not there', '4/x\n'],
    ['a file far away', '9999999999/x\n'],
  ])('with names that the torrent could not have are refused: %s', (_, text) => {
    expect(errorOf(named(text))).toEqual({ _tag: 'ResumeMismatch', field: 'renamed' })
  })

  it('name no pad file and no symlink', () => {
    const [first, ...others] = metainfo.files
    if (first === undefined) return expect.unreachable()
    const bytes = named('0/x\n')
    const as = (change: Partial<typeof first>): unknown =>
      decodeResume(bytes, { ...metainfo, files: [{ ...first, ...change }, ...others] })
    const refused = E.left({ _tag: 'ResumeMismatch', field: 'renamed' })
    expect(as({})).toEqual(E.right({ ...plain, renamed: [{ file: 0, path: ['x'] }] }))
    expect(as({ isPad: true })).toEqual(refused)
    expect(as({ symlink: O.some(['data', '2.bin']) })).toEqual(refused)
  })

  it('name files as the system does that they are read on', () => {
    const bytes = named('0/data/a:b\n')
    expect(tagOf(bytes)).toBe('right')
    expect(decodeResume(bytes, metainfo, { platform: 'windows' })).toEqual(
      E.left({ _tag: 'ResumeMismatch', field: 'renamed' }),
    )
  })

  test.prop([fc.string({ unit: 'binary', maxLength: 60 })])('with any names keep to the folder', (text) => {
    const decoded = decodeResume(named(`0/${text}`), metainfo)
    if (E.isLeft(decoded)) return
    for (const { path } of decoded.right.renamed) {
      for (const name of path) expect(name).not.toMatch(/^\.{0,2}$|[/\\\0]/)
    }
  })

  it('with keys that are words of JavaScript harm nothing', () => {
    const decoded = decodeResume(
      forged((fields) => {
        fields.set('__proto__', new Map([['downloaded', 5]]))
        fields.set('constructor', 1)
      }),
      metainfo,
    )
    expect(decoded).toEqual(E.right(plain))
    expect(({} as { readonly downloaded?: number }).downloaded).toBeUndefined()
  })

  it('with keys out of order are refused', () => {
    const raw = Buffer.from('d6:uploadedi1e5:aaaaai1ee')
    const text = `d6:digest20:${Buffer.from(sha1(raw)).toString('latin1')}6:resume${raw.toString('latin1')}7:versioni1ee`
    expect(tagOf(Buffer.from(text, 'latin1'))).toBe('ResumeMalformed')
  })

  const wrong: ReadonlyArray<readonly [string, string, BencodeInput | undefined, ResumeError['_tag']]> = [
    ['no infohash', 'infohash', undefined, 'ResumeMalformed'],
    ['an infohash of no length', 'infohash', new Uint8Array(0), 'ResumeForeign'],
    ['too few bits', 'pieces', Uint8Array.of(0), 'ResumeMismatch'],
    ['too many bits', 'pieces', new Uint8Array(3), 'ResumeMismatch'],
    ['a bit past the last piece', 'pieces', Uint8Array.of(0, 1), 'ResumeMismatch'],
    ['text for pieces', 'pieces', 5, 'ResumeMalformed'],
    ['a negative total', 'downloaded', -1, 'ResumeMalformed'],
    ['a huge total', 'uploaded', 2n ** 63n, 'ResumeMalformed'],
    ['a date beyond dates', 'added at', Number.MAX_SAFE_INTEGER, 'ResumeMalformed'],
    ['a block length of 0', 'block length', 0, 'ResumeMalformed'],
    ['a block length between powers', 'block length', 1_025, 'ResumeMalformed'],
    ['a block length that is too large', 'block length', 32_768, 'ResumeMalformed'],
    ['too few priorities', 'priorities', new Uint8Array(3), 'ResumeMismatch'],
    ['too many priorities', 'priorities', new Uint8Array(5), 'ResumeMismatch'],
    ['a priority of 8', 'priorities', Uint8Array.of(4, 4, 4, 8), 'ResumeMalformed'],
    ['too few files', 'files', new Uint8Array(48), 'ResumeMismatch'],
    ['half a file', 'files', new Uint8Array(63), 'ResumeMalformed'],
    ['a file too large', 'files', new Uint8Array(64).fill(0x41), 'ResumeMalformed'],
    ['a time that is none', 'files', new Uint8Array(64).fill(0xff, 8, 16), 'ResumeMalformed'],
    ['a peer of 5 bytes', 'peers', [new Uint8Array(5)], 'ResumeMalformed'],
    ['a peer without a port', 'peers', [Uint8Array.of(1, 2, 3, 4, 0, 0)], 'ResumeMalformed'],
    [
      'too many peers',
      'peers',
      Array.from({ length: 201 }, () => new Uint8Array(6).fill(1)),
      'ResumeMalformed',
    ],
  ]
  it.each(wrong)('with %s are refused', (_, key, value, tag) => {
    const bytes = forged((fields) => {
      if (value === undefined) fields.delete(key)
      else fields.set(key, value)
    })
    expect(tagOf(bytes)).toBe(tag)
    expect(showResumeError(errorOf(bytes)!).length).toBeLessThan(120)
  })

  const part = (piece: number, blocks: BencodeInput): BencodeInput =>
    new Map<string, BencodeInput>([
      ['blocks', blocks],
      ['piece', piece],
    ])
  const wrongParts: ReadonlyArray<readonly [string, ReadonlyArray<BencodeInput>, ResumeError['_tag']]> = [
    ['twice', [part(2, Uint8Array.of(0x80)), part(2, Uint8Array.of(0x40))], 'ResumeMismatch'],
    ['in another order', [part(3, Uint8Array.of(0x80)), part(2, Uint8Array.of(0x80))], 'ResumeMismatch'],
    ['that is had', [part(0, Uint8Array.of(0x80))], 'ResumeMismatch'],
    ['beyond the last', [part(11, Uint8Array.of(0x80))], 'ResumeMismatch'],
    ['of a negative number', [part(-1, Uint8Array.of(0x80))], 'ResumeMalformed'],
    ['without a block', [part(2, Uint8Array.of(0))], 'ResumeMismatch'],
    ['with a block too many', [part(2, Uint8Array.of(0x08))], 'ResumeMismatch'],
    ['with bits of another length', [part(2, Uint8Array.of(0x80, 0))], 'ResumeMismatch'],
    ['with text', [part(2, new Map())], 'ResumeMalformed'],
    ['too often', Array.from({ length: 4_097 }, (_, i) => part(i, Uint8Array.of(0x80))), 'ResumeMalformed'],
  ]
  it.each(wrongParts)('with a piece begun %s are refused', (_, partial, tag) => {
    expect(tagOf(forged((fields) => fields.set('partial', partial)))).toBe(tag)
  })

  it('leave out trackers that cannot be used', () => {
    const text = (...urls: ReadonlyArray<string>): BencodeInput => urls
    const decoded = decodeResume(
      forged((fields) =>
        fields.set('trackers', [
          text('http://a.test/announce', 'javascript:alert(1)', `http://b.test/${'x'.repeat(5_000)}`),
          5,
          text(''),
        ]),
      ),
      metainfo,
    )
    expect(E.isRight(decoded) && decoded.right.trackers).toEqual([['http://a.test/announce']])
    const removed = decodeResume(
      forged((fields) => {
        fields.set('removed trackers', ['http://a.test/announce', 7, 'ftp://b.test/'])
      }),
      metainfo,
    )
    expect(E.isRight(removed) && removed.right.removedTrackers).toEqual(['http://a.test/announce'])
  })
})
