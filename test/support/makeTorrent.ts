import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as E from '#fp/Either'
import { decodeMetainfo } from '../../src/codecs/metainfo.js'
import type { Metainfo } from '../../src/codecs/metainfoModel.js'
import { createPrng } from '../../src/operators/random.js'
import { bencode } from './bencode.js'

export interface MadeTorrent {
  readonly metainfo: Metainfo
  readonly bytes: Uint8Array
  /** The stream that pieces are cut from. */
  readonly content: Uint8Array
}

export interface TorrentSpec {
  readonly name?: string
  readonly pieceLength: number
  /** Lengths of files `0`, `1` …; one number: a single file. */
  readonly files: ReadonlyArray<number> | number
  readonly trackers?: ReadonlyArray<string>
  readonly seed?: number
  /** BEP 27. */
  readonly isPrivate?: boolean
  /** BEP 19 and 17. */
  readonly webSeeds?: ReadonlyArray<string>
  readonly httpSeeds?: ReadonlyArray<string>
}

/** A v1 torrent of pseudo-random bytes, made without the code under test, then decoded by it. */
export const makeTorrent = ({
  name = 'data',
  pieceLength,
  files,
  trackers = [],
  seed = 1,
  isPrivate = false,
  webSeeds = [],
  httpSeeds = [],
}: TorrentSpec): MadeTorrent => {
  const lengths = typeof files === 'number' ? [files] : files
  const content = randomBytes(
    lengths.reduce((sum, length) => sum + length, 0),
    seed,
  )
  const pieces: Uint8Array[] = []
  for (let at = 0; at < content.length; at += pieceLength) {
    pieces.push(
      createHash('sha1')
        .update(content.subarray(at, at + pieceLength))
        .digest(),
    )
  }
  const info = {
    ...(typeof files === 'number'
      ? { length: files }
      : { files: lengths.map((length, index) => ({ length, path: [`${String(index)}.bin`] })) }),
    name,
    'piece length': pieceLength,
    pieces: Buffer.concat(pieces),
    ...(isPrivate ? { private: 1 } : {}),
  }
  const bytes = bencode({
    ...(trackers.length === 0 ? {} : { 'announce-list': [trackers] }),
    ...(httpSeeds.length === 0 ? {} : { httpseeds: httpSeeds }),
    info,
    ...(webSeeds.length === 0 ? {} : { 'url-list': webSeeds }),
  })
  const metainfo = decodeMetainfo(bytes)
  if (E.isLeft(metainfo)) throw new Error(JSON.stringify(metainfo.left))
  return { metainfo: metainfo.right, bytes, content }
}

export const randomBytes = (length: number, seed: number): Uint8Array => {
  const prng = createPrng(seed)
  const bytes = new Uint8Array(Math.ceil(length / 4) * 4)
  const words = new Uint32Array(bytes.buffer)
  for (let i = 0; i < words.length; i++) words[i] = prng.uint32()
  return bytes.subarray(0, length)
}

/** Writes the torrent's files below `directory`, as a seeder has them. */
export const writeFiles = async ({ metainfo, content }: MadeTorrent, directory: string): Promise<void> => {
  for (const { path, offset, length, isPad } of metainfo.files) {
    if (isPad) continue
    const file = join(directory, ...path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content.subarray(offset, offset + length))
  }
}
