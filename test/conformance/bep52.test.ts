import { createHash } from 'node:crypto'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { fromHex, toHex, toUtf8 } from '../../src/codecs/bytes.js'
import { showDecodeError } from '../../src/codecs/errors.js'
import { sha1, sha256 } from '../../src/codecs/infohash.js'
import type { Metainfo } from '../../src/codecs/metainfo.js'
import { decodeInfo, decodeMetainfo } from '../../src/codecs/metainfo.js'
import { hashBlocks, merkleRoot, padHash, pieceLayer } from '../../src/codecs/merkle.js'
import { readTorrent, readVectors } from './support/corpus.js'

const Golden = t.type({
  cases: t.array(
    t.intersection([
      t.type({
        name: t.string,
        mode: t.keyof({ v1: null, v2: null, hybrid: null }),
        piece_length: t.number,
        files: t.array(
          t.type({
            path: t.string,
            seed: t.string,
            size: t.number,
            pieces_root: t.union([t.string, t.null]),
          }),
        ),
        info_hex: t.string,
        v1: t.string,
        v2: t.string,
        num_pieces: t.number,
      }),
      t.partial({
        pieces_sha1: t.string,
        piece_layers: t.record(t.string, t.type({ len: t.number, sha256: t.string })),
      }),
    ]),
  ),
})

const Known = t.type({
  cases: t.array(t.type({ size: t.number, root: t.string, v2: t.string, torrent: t.string })),
})

const { cases } = readVectors('bep52_golden', Golden)
const known = readVectors('bep52_known_roots', Known).cases

/** The vectors' rule for what is in a file. */
const content = (seed: string, size: number): Uint8Array => {
  const bytes = new Uint8Array(size)
  for (let at = 0; at < size; at += 32) {
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(at / 32)
    bytes.set(
      createHash('sha256')
        .update(seed)
        .update(counter)
        .digest()
        .subarray(0, size - at),
      at,
    )
  }
  return bytes
}

const hex = (hash: O.Option<Uint8Array>): string => (O.isSome(hash) ? toHex(hash.value) : '')

const right = (result: E.Either<Parameters<typeof showDecodeError>[0], Metainfo>): Metainfo => {
  if (E.isLeft(result)) throw new Error(showDecodeError(result.left))
  return result.right
}

it('has the cases it had when this was written', () => {
  expect(cases).toHaveLength(60)
  expect(known).toHaveLength(2)
  console.info(`BEP 52 conformance: ${String(cases.length + known.length)} torrents`)
})

describe('bep52_golden', () => {
  it.each(
    cases.map((vector) => [`${vector.name} ${vector.mode} ${String(vector.piece_length)}`, vector] as const),
  )('%s', (_, vector) => {
    const metainfo = right(decodeInfo(fromHex(vector.info_hex) ?? toUtf8('')))
    expect(metainfo.version).toBe(vector.mode)
    expect([hex(metainfo.infohash.v1), hex(metainfo.infohash.v2)]).toEqual([vector.v1, vector.v2])
    expect([metainfo.pieceLength, metainfo.pieceCount]).toEqual([vector.piece_length, vector.num_pieces])
    // The reference orders the files of a v1 torrent in its own way.
    const files = new Map(metainfo.files.map((file) => [file.path.join('/'), file]))
    expect(metainfo.files.filter(({ isPad }) => !isPad)).toHaveLength(vector.files.length)
    if (vector.pieces_sha1 !== undefined) expect(toHex(sha1(metainfo.pieces))).toBe(vector.pieces_sha1)

    for (const { path, seed, size, pieces_root: root } of vector.files) {
      expect(files.get(path)?.length).toBe(size)
      if (root === null) continue
      const leaves = hashBlocks(content(seed, size))
      expect(toHex(merkleRoot(leaves, padHash(0)))).toBe(root)
      if (vector.mode !== 'v1') expect(hex(files.get(path)?.piecesRoot ?? O.none)).toBe(root)
      const layer = vector.piece_layers?.[root]
      if (layer !== undefined) {
        const own = pieceLayer(leaves, vector.piece_length)
        expect([own.length, toHex(sha256(own))]).toEqual([layer.len, layer.sha256])
      }
    }
  })
})

it.each(known)('bep52_known_roots: $torrent', ({ size, root, v2, torrent }) => {
  const metainfo = right(decodeMetainfo(readTorrent(torrent.replace(/^torrents\//, ''))))
  expect(hex(metainfo.infohash.v2)).toBe(v2)
  expect(metainfo.files.map((file) => [file.length, hex(file.piecesRoot)])).toEqual([[size, root]])
})
