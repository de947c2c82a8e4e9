import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
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
import type { VerifyProgress } from '../../../src/streams/node/verifyData.js'
import { makeTorrent, writeFiles } from '../../support/makeTorrent.js'
import { tempDir } from '../../support/tempDir.js'

const torrent = makeTorrent({ pieceLength: 16_384, files: [40_000, 0, 100, 50_000] })
const { metainfo, content } = torrent
const { missing, wrong, right } = pieceVerdict

const verify = async (folder: string, of: Metainfo = metainfo): Promise<ReadonlyArray<VerifyProgress>> => {
  const steps = await firstValueFrom(verifyData(of, folder).pipe(toArray()))
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

  it('refuses a torrent without v1 hashes', () => {
    const v2 = { ...metainfo, infohash: { v1: O.none, v2: O.some(new Uint8Array(32)) } }
    expect(() => verifyData(v2, 'anywhere')).toThrow(TypeError)
  })
})
