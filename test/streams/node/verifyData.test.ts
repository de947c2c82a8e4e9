import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import type { Metainfo } from '../../../src/codecs/metainfoModel.js'
import { pieceVerdict, verifyData } from '../../../src/streams/node/verifyData.js'
import type { VerifyProgress } from '../../../src/streams/node/verifyData.js'

const PIECE = 16_384
const contents: ReadonlyArray<readonly [name: string, length: number]> = [
  ['a', 40_000],
  ['b', 0],
  ['c', 100],
  ['d', 50_000],
]

const bytesOf = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + seed * 7 + (index >> 8)) & 0xff)

const payload = contents.map(([, length], seed) => bytesOf(length, seed))

const metainfoOf = (): Metainfo => {
  const stream = Buffer.concat(payload)
  const digests: Buffer[] = []
  for (let begin = 0; begin < stream.length; begin += PIECE)
    digests.push(
      createHash('sha1')
        .update(stream.subarray(begin, begin + PIECE))
        .digest(),
    )
  let offset = 0
  const files = contents.map(([name, length]) => {
    const file = {
      path: ['root', name],
      length,
      offset,
      isPad: false,
      isExecutable: false,
      isHidden: false,
      symlink: O.none,
      piecesRoot: O.none,
    }
    offset += length
    return file
  })
  return {
    name: 'root',
    version: 'v1',
    infohash: { v1: O.some(new Uint8Array(20)), v2: O.none },
    pieceLength: PIECE,
    pieceCount: digests.length,
    totalSize: stream.length,
    streamLength: stream.length,
    files,
    pieces: Buffer.concat(digests),
    pieceLayers: new Map(),
    isPrivate: false,
    trackers: [],
    webSeeds: [],
    httpSeeds: [],
    nodes: [],
    comment: O.none,
    createdBy: O.none,
    creationDate: O.none,
    info: new Uint8Array(),
    isCanonical: true,
  }
}

describe('verifyData', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rxtorrent-verify-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const write = async (index: number, bytes = payload[index]!): Promise<void> => {
    await mkdir(join(folder, 'root'), { recursive: true })
    await writeFile(join(folder, 'root', contents[index]![0]), bytes)
  }
  const verify = async (metainfo = metainfoOf()): Promise<ReadonlyArray<VerifyProgress>> => {
    const steps = await firstValueFrom(verifyData(metainfo, folder).pipe(toArray()))
    return steps.map((step) => {
      if (E.isLeft(step)) throw new Error(step.left.code)
      return step.right
    })
  }
  const verdicts = (steps: ReadonlyArray<VerifyProgress>): ReadonlyArray<number> =>
    steps.flatMap((step) => [...step.verdicts])

  const { missing, wrong, right } = pieceVerdict

  it('finds all in order', async () => {
    for (const index of contents.keys()) await write(index)
    const steps = await verify()
    expect(steps.at(-1)).toMatchObject({
      pieceCount: 6,
      checkedPieces: 6,
      havePieces: 6,
      wrongPieces: 0,
      missingPieces: 0,
    })
    expect(verdicts(steps)).toEqual([right, right, right, right, right, right])
    expect(steps.map((step) => step.first)).toEqual(
      steps.map((step) => step.checkedPieces - step.verdicts.length),
    )
  })

  it('tells what is wrong from what is missing', async () => {
    const damaged = payload[0]!.slice()
    damaged[PIECE + 5]! ^= 1
    await write(0, damaged)
    await write(2)
    await write(3, payload[3]!.subarray(0, 30_000))
    const steps = await verify()
    expect(verdicts(steps)).toEqual([right, wrong, right, right, missing, missing])
    expect(steps.at(-1)).toMatchObject({ havePieces: 3, wrongPieces: 1, missingPieces: 2 })
  })

  it('makes nothing where nothing is', async () => {
    expect((await verify()).at(-1)).toMatchObject({ checkedPieces: 6, havePieces: 0, missingPieces: 6 })
    expect(await readdir(folder)).toEqual([])
  })

  it('has nothing to do for an empty torrent', async () => {
    const steps = await verify({
      ...metainfoOf(),
      pieceCount: 0,
      streamLength: 0,
      files: [],
      pieces: new Uint8Array(),
    })
    expect(steps).toMatchObject([{ pieceCount: 0, checkedPieces: 0, havePieces: 0 }])
  })

  it('says so where data cannot be read', async () => {
    for (const index of contents.keys()) await write(index)
    await rm(join(folder, 'root', 'a'))
    await mkdir(join(folder, 'root', 'a'))
    const last = await lastValueFrom(verifyData(metainfoOf(), folder))
    expect(last).toMatchObject({ _tag: 'Left', left: { _tag: 'StorageError', file: 'root/a' } })
  })

  it('can be subscribed again', async () => {
    const verification$ = verifyData(metainfoOf(), folder)
    await lastValueFrom(verification$)
    for (const index of contents.keys()) await write(index)
    expect(await lastValueFrom(verification$)).toMatchObject({ right: { havePieces: 6 } })
  })

  it('refuses a torrent without v1 hashes', () => {
    const metainfo = { ...metainfoOf(), infohash: { v1: O.none, v2: O.some(new Uint8Array(32)) } }
    expect(() => verifyData(metainfo, folder)).toThrow(TypeError)
  })
})
