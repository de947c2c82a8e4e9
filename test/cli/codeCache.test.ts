import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chown, mkdir, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it, vi } from 'vitest'
import { createCodeCache, type CodeCache } from '../../src/cli/codeCache.js'
import { tempDir } from '../support/tempDir.js'

const NAME = 'cli-part.cjs'
const code = Buffer.from('what V8 has made of it')
const STRANGER = 65_534

interface Fixture {
  readonly files: string
  readonly folder: string
  /** Where the code of `NAME` is kept. */
  readonly kept: string
  readonly cache: CodeCache
}

/** A file, and a cache of its code, as for a process that has read the file. */
const fixture = async (): Promise<Fixture> => {
  const files = await tempDir()
  const folder = join(files, 'code-cache', 'build', 'info')
  await writeFile(join(files, NAME), 'module.exports = 1')
  const cache = createCodeCache(files, folder)
  expect(cache.read(NAME)).toBeUndefined()
  return { files, folder, kept: join(folder, `${NAME}.bin`), cache }
}

describe('createCodeCache', () => {
  it('gives back what was saved', async () => {
    const { cache, folder } = await fixture()
    cache.save(NAME, () => code)
    expect(cache.read(NAME)).toEqual(code)
    expect(await readdir(folder)).toEqual([`${NAME}.bin`])
  })

  it('puts newer code in place of older', async () => {
    const { cache } = await fixture()
    cache.save(NAME, () => Buffer.from('older'))
    cache.save(NAME, () => code)
    expect(cache.read(NAME)).toEqual(code)
  })

  it('has none of a file that was changed since, though it is as old and as long', async () => {
    const { cache, files } = await fixture()
    const path = join(files, NAME)
    const { atime, mtime } = await stat(path)
    cache.save(NAME, () => code)
    await writeFile(path, 'module.exports = 2')
    await utimes(path, atime, mtime)
    expect(cache.read(NAME)).toBeUndefined()
  })

  it('saves what was made of a file as it was, not as it is', async () => {
    const { cache, files } = await fixture()
    await writeFile(join(files, NAME), 'module.exports = 2')
    cache.save(NAME, () => code)
    expect(cache.read(NAME)).toBeUndefined()
  })

  test.prop([fc.nat(), fc.integer({ min: 1, max: 255 })], { numRuns: 30 })(
    'has none that is damaged: V8 would run it, and end the process',
    async (place, bits) => {
      const { cache, kept } = await fixture()
      cache.save(NAME, () => code)
      const bytes = await readFile(kept)
      const at = place % bytes.length
      bytes[at] = (bytes[at] ?? 0) ^ bits
      await writeFile(kept, bytes)
      expect(cache.read(NAME)).toBeUndefined()
    },
  )

  it('has none that is cut short, at any length', async () => {
    const { cache, kept } = await fixture()
    cache.save(NAME, () => code)
    for (let length = (await stat(kept)).size - 1; length >= 0; length -= 1) {
      await truncate(kept, length)
      expect(cache.read(NAME)).toBeUndefined()
    }
  })

  it('does without where nothing can be read or written', async () => {
    const { cache, folder, kept } = await fixture()
    await mkdir(kept, { recursive: true })
    cache.save(NAME, () => code)
    expect(cache.read(NAME)).toBeUndefined()
    expect(await readdir(folder)).toEqual([`${NAME}.bin`])

    const { files } = await fixture()
    const blocked = createCodeCache(files, join(files, NAME, 'below a file'))
    blocked.save(NAME, () => code)
    expect(blocked.read(NAME)).toBeUndefined()
  })

  it.runIf(process.platform !== 'win32')('reads nothing but files', async () => {
    const { cache, folder, kept } = await fixture()
    await mkdir(folder, { recursive: true })
    execFileSync('mkfifo', [kept])
    expect(cache.read(NAME)).toBeUndefined()
  })

  it.runIf(process.getuid?.() === 0)("neither takes another user's nor saves it for him", async () => {
    const { cache, files, kept } = await fixture()
    cache.save(NAME, () => code)
    await chown(kept, STRANGER, STRANGER)
    expect(cache.read(NAME)).toBeUndefined()

    await rm(kept)
    await chown(join(files, NAME), STRANGER, STRANGER)
    expect(cache.read(NAME)).toBeUndefined()
    const make = vi.fn(() => code)
    cache.save(NAME, make)
    expect(make).not.toHaveBeenCalled()
    expect(existsSync(kept)).toBe(false)
  })

  it.runIf(process.platform !== 'win32')('lets nobody else write it, whatever the umask', async () => {
    const { cache, folder, kept } = await fixture()
    const umask = process.umask(0)
    try {
      cache.save(NAME, () => code)
    } finally {
      process.umask(umask)
    }
    for (const path of [folder, kept]) expect((await stat(path)).mode & 0o022).toBe(0)
  })
})
