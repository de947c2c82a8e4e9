import fs, { existsSync } from 'node:fs'
import { mkdir, stat, symlink, writeFile } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { firstValueFrom, forkJoin } from 'rxjs'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import * as E from '#fp/Either'
import { createFolders } from '../../../src/streams/node/folders.js'
import type { SystemResult } from '../../../src/streams/node/fsCall.js'
import { tempDir } from '../../support/tempDir.js'

const check = (root: string, path: ReadonlyArray<string>, make = true): Promise<SystemResult<void>> =>
  firstValueFrom(createFolders(root).check(path, make))

const done = E.right(undefined)

describe('createFolders', () => {
  it('makes the download folder with all above it, and what lies below', async () => {
    const root = join(await tempDir(), 'not', 'there', 'yet')
    expect(await check(root, ['album', 'disc', 'song'])).toEqual(done)
    expect((await stat(join(root, 'album', 'disc'))).isDirectory()).toBe(true)
  })

  it('makes it once for all who ask at the same time', async () => {
    const root = join(await tempDir(), 'a', 'b')
    const asked = [1, 2, 3].map(() => createFolders(root).check(['album', 'song'], true))
    expect(await firstValueFrom(forkJoin(asked))).toEqual([done, done, done])
  })

  it('syncs a folder once for all who ask while that is under way', async () => {
    const root = await tempDir()
    const fsync = vi.spyOn(fs, 'fsync')
    syncBuiltinESMExports()
    onTestFinished(() => {
      fsync.mockRestore()
      syncBuiltinESMExports()
    })
    const asked = Array.from({ length: 10 }, () => {
      const folders = createFolders(root)
      folders.touch(['file'])
      return folders.sync()
    })
    expect(await firstValueFrom(forkJoin(asked))).toEqual(asked.map(() => done))
    expect(fsync).toHaveBeenCalledTimes(2)
  })

  it('follows a symlink to the download folder, and none below it', async () => {
    const folder = await tempDir()
    await mkdir(join(folder, 'real'))
    await symlink('real', join(folder, 'root'))
    expect(await check(join(folder, 'root'), ['album', 'song'])).toEqual(done)
    await symlink('album', join(folder, 'real', 'link'))
    expect(await check(join(folder, 'root'), ['link', 'song'])).toEqual(E.left('ELOOP'))
  })

  it('says what is in the way', async () => {
    const folder = await tempDir()
    await writeFile(join(folder, 'file'), '')
    await symlink('nowhere', join(folder, 'dangling'))
    expect(await check(join(folder, 'file'), ['song'])).toEqual(E.left('ENOTDIR'))
    expect(await check(join(folder, 'file', 'below'), ['song'])).toEqual(E.left('ENOTDIR'))
    expect(await check(join(folder, 'dangling'), ['song'])).toEqual(E.left('EEXIST'))
    expect(await check(join(folder, 'absent'), ['album', 'song'], false)).toEqual(E.left('ENOENT'))
  })

  it.skipIf(!existsSync('/proc/self'))('gives up where no folder can be made', async () => {
    expect(E.isLeft(await check('/proc/rxtorrent', ['song']))).toBe(true)
    expect(E.isLeft(await check('/proc/rxtorrent/below', ['song']))).toBe(true)
  })
})
