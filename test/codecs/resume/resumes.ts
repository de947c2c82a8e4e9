import { fc } from '@fast-check/vitest'
import * as O from '#fp/Option'
import { toUtf8 } from '../../../src/codecs/bytes.js'
import { formatIp } from '../../../src/codecs/ipAddress.js'
import type { Metainfo } from '../../../src/codecs/metainfoModel.js'
import { type ResumeData, resumeInfohash } from '../../../src/codecs/resume.js'
import { sanitizePath } from '../../../src/codecs/safePath.js'

const bitsOf = (flags: ReadonlyArray<boolean>): Uint8Array => {
  const bits = new Uint8Array(Math.ceil(flags.length / 8))
  flags.forEach((flag, i) => {
    if (flag) bits[i >> 3]! |= 0x80 >> (i & 7)
  })
  return bits
}

const flags = (count: number): fc.Arbitrary<ReadonlyArray<boolean>> =>
  fc.array(fc.boolean(), { minLength: count, maxLength: count })

const count = fc.maxSafeNat()

const peer = fc.record({
  host: fc
    .oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
    .map((bytes) => O.getOrElse(() => '')(formatIp(bytes))),
  port: fc.integer({ min: 1, max: 65_535 }),
})

const stat = fc.option(
  fc.record({
    size: fc.integer({ min: 0, max: 2 ** 48 }),
    mtimeMs: fc.double({ noNaN: true, noDefaultInfinity: true }),
  }),
)

const url = fc.webUrl({ validSchemes: ['http', 'https'] }).filter((text) => URL.canParse(text))

/** Safe paths of any elements, in a folder of the file's own. */
const renamedOf = (metainfo: Metainfo): fc.Arbitrary<ResumeData['renamed']> =>
  fc
    .array(fc.option(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 4 })), {
      minLength: metainfo.files.length,
      maxLength: metainfo.files.length,
    })
    .map((paths) =>
      paths.flatMap((path, file) =>
        path === null || metainfo.files[file]?.isPad === true
          ? []
          : [{ file, path: ['renamed', String(file), ...sanitizePath(path.map(toUtf8), 'posix')] }],
      ),
    )

/** Resume data that can be true of the torrent. */
export const resumeOf = (metainfo: Metainfo): fc.Arbitrary<ResumeData> =>
  fc
    .record({
      have: flags(metainfo.pieceCount),
      begun: flags(metainfo.pieceCount),
      shift: fc.integer({ min: 10, max: 14 }),
    })
    .chain(({ have, begun, shift }) => {
      const blockLength = 2 ** shift
      const partial = begun.flatMap((is, piece) => (is && have[piece] !== true ? [piece] : []))
      const blocks = (piece: number): number =>
        Math.ceil(
          Math.min(metainfo.pieceLength, metainfo.streamLength - piece * metainfo.pieceLength) / blockLength,
        )
      return fc.record({
        infohash: fc.constant(resumeInfohash(metainfo)),
        pieces: fc.constant(bitsOf(have)),
        blockLength: fc.constant(blockLength),
        unsynced: fc
          .option(
            fc.record({
              bootId: fc.stringMatching(/^[!-~]{1,64}$/),
              pieces: flags(metainfo.pieceCount).map((are) =>
                bitsOf(have.map((is, i) => is && are[i] === true)),
              ),
            }),
          )
          .map(O.fromNullable),
        partial: fc.tuple(
          ...partial.map((piece) =>
            flags(blocks(piece)).map((are) => ({ piece, blocks: bitsOf([true, ...are.slice(1)]) })),
          ),
        ),
        priorities: fc.array(fc.integer({ min: 0, max: 7 }), {
          minLength: metainfo.files.length,
          maxLength: metainfo.files.length,
        }),
        peers: fc.array(peer, { maxLength: 10 }),
        trackers: fc.array(fc.array(url, { minLength: 1, maxLength: 3 }), { maxLength: 3 }),
        removedTrackers: fc.array(url, { maxLength: 3 }),
        totals: fc.record({ downloaded: count, uploaded: count }),
        files: fc
          .array(stat, { minLength: metainfo.files.length, maxLength: metainfo.files.length })
          .map((stats) => stats.map(O.fromNullable)),
        renamed: renamedOf(metainfo),
        addedAt: fc.integer({ min: 0, max: 8_640_000_000_000_000 }),
      })
    })
