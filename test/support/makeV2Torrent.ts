import { createHash } from 'node:crypto'
import * as E from '#fp/Either'
import { decodeMetainfo } from '../../src/codecs/metainfo.js'
import { bencode, type Value } from './bencode.js'
import { type MadeTorrent, randomBytes } from './makeTorrent.js'

const BLOCK = 16_384

export interface V2TorrentSpec {
  readonly name?: string
  readonly pieceLength: number
  /** Lengths of files `0.bin`, `1.bin` …, fewer than ten. */
  readonly files: ReadonlyArray<number>
  readonly trackers?: ReadonlyArray<string>
  readonly seed?: number
  /** Both halves. */
  readonly isHybrid?: boolean
  /** Whether the torrent has its piece layers, as one must. */
  readonly hasLayers?: boolean
}

/** A v2 torrent (BEP 52) of pseudo-random bytes, made without the code under test, then decoded by it. */
export const makeV2Torrent = ({
  name = 'data',
  pieceLength,
  files,
  trackers = [],
  seed = 1,
  isHybrid = false,
  hasLayers = true,
}: V2TorrentSpec): MadeTorrent => {
  const contents = files.map((length, index) => Buffer.from(randomBytes(length, seed + index)))
  const trees = contents.map((content) => treeOf(content, pieceLength))
  const stream: Buffer[] = []
  const v1Files: Value[] = []
  const last = files.findLastIndex((length) => length > 0)
  contents.forEach((content, index) => {
    stream.push(content)
    v1Files.push({ length: content.length, path: [nameOf(index)] })
    const excess = content.length % pieceLength
    if (excess === 0 || index >= last) return
    stream.push(Buffer.alloc(pieceLength - excess))
    v1Files.push({ attr: 'p', length: pieceLength - excess, path: ['.pad', String(pieceLength - excess)] })
  })
  const content = new Uint8Array(Buffer.concat(stream))
  const leaves = new Map(
    trees.map(({ root }, index): [string, Value] => [
      nameOf(index),
      { '': { length: files[index]!, ...(root === undefined ? {} : { 'pieces root': root }) } },
    ]),
  )
  const layers = trees.flatMap(({ root, layer }) =>
    root === undefined || layer.length <= 32 ? [] : [[root.toString('latin1'), layer] as const],
  )
  const bytes = bencode({
    ...(trackers.length === 0 ? {} : { 'announce-list': [trackers] }),
    info: {
      'file tree': leaves,
      ...(isHybrid ? { files: v1Files } : {}),
      'meta version': 2,
      name,
      'piece length': pieceLength,
      ...(isHybrid ? { pieces: sha1Pieces(content, pieceLength) } : {}),
    },
    ...(hasLayers ? { 'piece layers': new Map(layers) } : {}),
  })
  const metainfo = decodeMetainfo(bytes)
  if (E.isLeft(metainfo)) throw new Error(JSON.stringify(metainfo.left))
  return { metainfo: metainfo.right, bytes, content }
}

const nameOf = (index: number): string => `${String(index)}.bin`

const sha256 = (...parts: ReadonlyArray<Uint8Array>): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** The root over a whole tree, and its piece layer without what is behind the end of the file. */
const treeOf = (
  content: Uint8Array,
  pieceLength: number,
): { readonly root: Buffer | undefined; readonly layer: Buffer } => {
  if (content.length === 0) return { root: undefined, layer: Buffer.alloc(0) }
  const count = Math.ceil(content.length / BLOCK)
  let layer = Array.from({ length: 2 ** Math.ceil(Math.log2(count)) }, (_, i) =>
    i < count ? sha256(content.subarray(i * BLOCK, (i + 1) * BLOCK)) : Buffer.alloc(32),
  )
  let pieces = layer
  for (let length = BLOCK; layer.length > 1; length *= 2) {
    if (length === pieceLength) pieces = layer
    layer = Array.from({ length: layer.length / 2 }, (_, i) => sha256(layer[2 * i]!, layer[2 * i + 1]!))
  }
  const pieceCount = Math.ceil(content.length / pieceLength)
  return { root: layer[0]!, layer: pieceCount > 1 ? Buffer.concat(pieces.slice(0, pieceCount)) : layer[0]! }
}

const sha1Pieces = (content: Uint8Array, pieceLength: number): Buffer =>
  Buffer.concat(
    Array.from({ length: Math.ceil(content.length / pieceLength) }, (_, i) =>
      createHash('sha1')
        .update(content.subarray(i * pieceLength, (i + 1) * pieceLength))
        .digest(),
    ),
  )
