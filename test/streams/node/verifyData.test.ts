import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { toHex } from '../../../src/codecs/bytes.js'
import type { Metainfo } from '../../../src/codecs/metainfoModel.js'
import { encodeResume, resumeInfohash, type ResumeData } from '../../../src/codecs/resume.js'
import { nodeResumeStore } from '../../../src/streams/node/resumeStore.js'
import { pieceVerdict, verifyData } from '../../../src/streams/node/verifyData.js'
import type { VerifyOptions, VerifyProgress } from '../../../src/streams/node/verifyData.js'
import { layoutOf } from '../../../src/streams/storageLayout.js'
import { fileLab } from '../../support/fileLab.js'
import { makeTorrent, writeFiles } from '../../support/makeTorrent.js'
import { makeV2Torrent } from '../../support/makeV2Torrent.js'
import { valueOf } from '../../support/storageRun.js'
import { tempDir } from '../../support/tempDir.js'

const torrent = makeTorrent({ pieceLength: 16_384, files: [40_000, 0, 100, 50_000] })
const { metainfo, content } = torrent
const { missing, wrong, right } = pieceVerdict

const verify = async (
  folder: string,
  of: Metainfo = metainfo,
  options: VerifyOptions = {},
): Promise<ReadonlyArray<VerifyProgress>> => {
  const steps = await firstValueFrom(verifyData(of, folder, options).pipe(toArray()))
  return steps.map((step) => {
    if (E.isLeft(step)) throw new Error(step.left.code)
    return step.right
  })
}

const verdicts = (steps: ReadonlyArray<VerifyProgress>): ReadonlyArray<number> =>
  steps.flatMap((step) => Array.from(step.verdicts))

describe('verifyData', () => {
  it('finds all, in order', async () => {
    const folder = await tempDir()
    await writeFiles(torrent, folder)
    const steps = await verify(folder)
    expect(verdicts(steps)).toEqual([right, right, right, right, right, right])
    expect(steps.at(-1)).toMatchObject({ pieceCount: 6, checkedPieces: 6, havePieces: 6 })
    expect(steps.map((step) => step.first)).toEqual(
      steps.map((step) => step.checkedPieces - step.verdicts.length),
    )
  })

  it('tells what is wrong from what is missing', async () => {
    const folder = await tempDir()
    await writeFiles(torrent, folder)
    const damaged = content.slice(0, 40_000)
    damaged[16_384 + 5]! ^= 1
    await writeFile(join(folder, 'data', '0.bin'), damaged)
    await writeFile(join(folder, 'data', '3.bin'), content.subarray(40_100, 70_100))
    const steps = await verify(folder)
    expect(verdicts(steps)).toEqual([right, wrong, right, right, missing, missing])
    expect(steps.at(-1)).toMatchObject({ havePieces: 3, wrongPieces: 1, missingPieces: 2 })
  })

  it('looks for a renamed file where resume data say that it is', async () => {
    const folder = await tempDir()
    await writeFiles(torrent, folder)
    await mkdir(join(folder, 'films'))
    await rename(join(folder, 'data', '3.bin'), join(folder, 'films', 'x'))
    const resume: ResumeData = {
      infohash: resumeInfohash(metainfo),
      pieces: Uint8Array.of(0b1111_1100),
      blockLength: 16_384,
      partial: [],
      priorities: [4, 4, 4, 4],
      peers: [],
      trackers: [],
      unsynced: O.none,
      removedTrackers: [],
      renamed: [{ file: 3, path: ['films', 'x'] }],
      totals: { downloaded: 0, uploaded: 0 },
      files: metainfo.files.map(() => O.none),
      addedAt: 0,
    }
    const id = toHex(resumeInfohash(metainfo))
    const save = (bytes: Uint8Array): Promise<unknown> =>
      firstValueFrom(nodeResumeStore({ directory: folder }).save(id, bytes))
    const whole = [right, right, right, right, right, right]
    const without = [right, right, missing, missing, missing, missing]
    expect(verdicts(await verify(folder))).toEqual(without)
    await save(encodeResume(resume))
    expect(verdicts(await verify(folder))).toEqual(whole)
    await save(encodeResume(resume).subarray(1))
    expect(verdicts(await verify(folder))).toEqual(without)
  })

  it('makes nothing where nothing is', async () => {
    const folder = await tempDir()
    expect((await verify(folder)).at(-1)).toMatchObject({ checkedPieces: 6, havePieces: 0, missingPieces: 6 })
    expect(await readdir(folder)).toEqual([])
  })

  it('has nothing to do for a torrent without pieces', async () => {
    const empty = { ...metainfo, pieceCount: 0, streamLength: 0, files: [], pieces: new Uint8Array() }
    expect(await verify(await tempDir(), empty)).toMatchObject([
      { pieceCount: 0, checkedPieces: 0, havePieces: 0 },
    ])
  })

  it('says so where data cannot be read', async () => {
    const folder = await tempDir()
    await writeFiles(torrent, folder)
    await rm(join(folder, 'data', '0.bin'))
    await mkdir(join(folder, 'data', '0.bin'))
    expect(await lastValueFrom(verifyData(metainfo, folder))).toMatchObject({
      _tag: 'Left',
      left: { _tag: 'StorageError', kind: 'conflict', file: 'data/0.bin' },
    })
  })

  it('can be subscribed again', async () => {
    const folder = await tempDir()
    const verification$ = verifyData(metainfo, folder)
    await lastValueFrom(verification$)
    await writeFiles(torrent, folder)
    expect(await lastValueFrom(verification$)).toMatchObject({ right: { havePieces: 6 } })
  })

  it('refuses priorities that do not fit', () => {
    expect(() => verifyData(metainfo, 'anywhere', { priorities: [1] })).toThrow(TypeError)
    expect(() => verifyData(metainfo, 'anywhere', { priorities: [1, 1, 1, 8] })).toThrow(TypeError)
  })

  it('refuses a v2 torrent without its piece layers', () => {
    const v2 = makeV2Torrent({ pieceLength: 16_384, files: [40_000], hasLayers: false })
    expect(() => verifyData(v2.metainfo, 'anywhere')).toThrow(TypeError)
  })

  it('checks a v2 torrent by its piece layers, files of one piece by their root', async () => {
    const folder = await tempDir()
    const v2 = makeV2Torrent({ pieceLength: 65_536, files: [200_000, 5, 0, 65_536, 40_000, 65_537] })
    const counts = { pieceCount: 9, checkedPieces: 9 }
    expect((await verify(folder, v2.metainfo)).at(-1)).toMatchObject({ ...counts, missingPieces: 9 })
    await writeFiles(v2, folder)
    expect((await verify(folder, v2.metainfo)).at(-1)).toMatchObject({ ...counts, havePieces: 9 })
    const spoilt = join(folder, 'data', '4.bin')
    await writeFile(spoilt, (await readFile(spoilt)).fill(1, 39_999))
    await truncate(join(folder, 'data', '5.bin'), 65_536)
    expect((await verify(folder, v2.metainfo)).at(-1)).toMatchObject({
      ...counts,
      havePieces: 7,
      wrongPieces: 1,
      missingPieces: 1,
    })
  })
})

/** Everything below a folder: names, bytes and times. */
const tree = async (folder: string): Promise<ReadonlyArray<unknown>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const looks = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name)
    const { mtimeMs, size } = await stat(path)
    return [path, mtimeMs, size, entry.isFile() ? (await readFile(path)).toString('hex') : '']
  })
  return (await Promise.all(looks)).sort()
}

describe('verifyData of a selection', () => {
  const { root, beside, open } = fileLab()
  /** Pieces of 16 KiB: 0 is of `0`, 1 of `0` and `1`, 2 of `1`, 3 of `1`, `2` and `3`, 4 and 5 of `3`. */
  const parted = makeTorrent({ pieceLength: 16_384, files: [20_000, 30_000, 100, 40_000] })
  const layout = layoutOf(parted.metainfo)
  const parts = `${layout.id}.parts`
  const WANTED = [4, 0, 0, 4]
  const check = async (priorities: ReadonlyArray<number> = WANTED): Promise<VerifyProgress | undefined> =>
    (await verify(root(), parted.metainfo, { priorities })).at(-1)

  /** As a session leaves it that has got these pieces and wants what `WANTED` says. */
  const fetch = async (...pieces: ReadonlyArray<number>): Promise<void> => {
    const { storage, close } = open(layout)
    await valueOf(storage.select!(WANTED.map((priority) => priority > 0)))
    for (const piece of pieces) {
      const bytes = parted.content.slice(piece * 16_384, (piece + 1) * 16_384)
      await valueOf(storage.write(piece * 16_384, bytes))
    }
    await valueOf(storage.flush())
    close()
  }

  it('passes over what is not wanted, and reads the part file for what is shared with it', async () => {
    await fetch(0, 1, 3, 4, 5)
    const before = await tree(root())
    const steps = await verify(root(), parted.metainfo, { priorities: WANTED })
    expect(steps.map(({ first, verdicts: found }) => [first, [...found]])).toEqual([
      [0, [right, right]],
      [3, [right, right, right]],
    ])
    expect(steps.at(-1)).toMatchObject({
      pieceCount: 6,
      wantedPieces: 5,
      checkedPieces: 5,
      havePieces: 5,
      longFiles: [],
    })
    expect(await tree(root())).toEqual(before)
  })

  it('makes nothing of a part file for files that are wanted', async () => {
    await fetch(0, 1, 3, 4, 5)
    const before = await tree(root())
    expect(await check([4, 4, 4, 4])).toMatchObject({ wantedPieces: 6, havePieces: 3, missingPieces: 3 })
    expect(await tree(root())).toEqual(before)
  })

  it('takes a hole in the part file for missing, and damage there for damage', async () => {
    await fetch(0, 3, 4, 5)
    expect(await check()).toMatchObject({ havePieces: 4, wrongPieces: 0, missingPieces: 1 })
    await fetch(1)
    const path = join(root(), '.rxtorrent', parts)
    const bytes = await readFile(path)
    bytes[25_000]! ^= 1
    await writeFile(path, bytes)
    expect(await check()).toMatchObject({ havePieces: 4, wrongPieces: 1, missingPieces: 0 })
  })

  it('believes a file that is there rather than the part file', async () => {
    await fetch(0, 1, 3, 4, 5)
    await writeFile(join(root(), 'data', '1.bin'), new Uint8Array(30_000))
    expect(await check()).toMatchObject({ havePieces: 3, wrongPieces: 2 })
  })

  it('finds what is shared missing where the part file is gone, cut or no file of ours', async () => {
    await fetch(0, 1, 3, 4, 5)
    const path = join(root(), '.rxtorrent', parts)
    await rename(path, beside('parts'))
    expect(await check()).toMatchObject({ havePieces: 3, missingPieces: 2 })
    await symlink(beside('parts'), path)
    expect(await check()).toMatchObject({ havePieces: 3, missingPieces: 2 })
    await rm(path)
    await writeFile(path, 'short')
    expect(await check()).toMatchObject({ havePieces: 3, missingPieces: 2 })
    await rm(path)
    await mkdir(path)
    expect(await check()).toMatchObject({ havePieces: 3, missingPieces: 2 })
  })

  it('has nothing to do where nothing is wanted', async () => {
    expect(await check([0, 0, 0, 0])).toMatchObject({ wantedPieces: 0, checkedPieces: 0, pieceCount: 6 })
  })
})

describe('verifyData of files that are too long', () => {
  it('tells by how much, from the first step on, and whatever the pieces are', async () => {
    const folder = await tempDir()
    await writeFiles(torrent, folder)
    for (const [file, bytes] of [
      ['0', 'x'],
      ['1', 'some bytes'],
      ['3', 'twelve bytes'],
    ] as const) {
      await appendFile(join(folder, 'data', `${file}.bin`), bytes)
    }
    const longFiles = [
      { file: 0, expected: 40_000, actual: 40_001 },
      { file: 1, expected: 0, actual: 10 },
      { file: 3, expected: 50_000, actual: 50_012 },
    ]
    const steps = await verify(folder)
    expect(steps.map((step) => step.longFiles)).toEqual(steps.map(() => longFiles))
    expect(steps.at(-1)).toMatchObject({ havePieces: 6, wantedPieces: 6 })
    expect((await verify(folder, metainfo, { priorities: [0, 4, 4, 0] })).at(-1)?.longFiles).toEqual([
      longFiles[1],
    ])
  })

  it('tells it of a torrent of empty files', async () => {
    const folder = await tempDir()
    const files = metainfo.files.slice(1, 2)
    const empty = { ...metainfo, pieceCount: 0, streamLength: 0, files, pieces: new Uint8Array() }
    await mkdir(join(folder, 'data'))
    await writeFile(join(folder, 'data', '1.bin'), 'x')
    expect(await verify(folder, empty)).toMatchObject([
      { pieceCount: 0, longFiles: [{ file: 0, expected: 0, actual: 1 }] },
    ])
  })

  it('asks nothing of padding, and follows no symlink', async () => {
    const folder = await tempDir()
    await writeFiles(torrent, folder)
    const files = metainfo.files.map((file, index) => (index === 2 ? { ...file, isPad: true } : file))
    await appendFile(join(folder, 'data', '2.bin'), 'x')
    await rm(join(folder, 'data', '1.bin'))
    await symlink(join(folder, 'data', '0.bin'), join(folder, 'data', '1.bin'))
    expect((await verify(folder, { ...metainfo, files })).at(-1)).toMatchObject({ longFiles: [] })
  })
})
