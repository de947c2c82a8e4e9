import { chown, mkdir, readdir, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { createCodeCache, type CodeCache } from '../../src/cli/codeCache.js'
import { tempDir } from '../support/tempDir.js'

const NAME = 'cli-part.cjs'
const code = Buffer.from('what V8 has made of it')

interface Fixture {
  readonly files: string
  readonly folder: string
  /** Where the code of `NAME` is kept. */
  readonly kept: string
  readonly cache: CodeCache
}

/** A file that is a minute old, and a cache of its code. */
const fixture = async (): Promise<Fixture> => {
  const files = await tempDir()
  const folder = join(files, 'code-cache', 'build', 'info')
  await writeFile(join(files, NAME), 'module.exports = 1')
  await touch(join(files, NAME), -60)
  return { files, folder, kept: join(folder, `${NAME}.bin`), cache: createCodeCache(files, folder) }
}

const touch = async (path: string, seconds: number): Promise<void> => {
  const at = Date.now() / 1000 + seconds
  await utimes(path, at, at)
}

describe('createCodeCache', () => {
  it('gives back what was saved', async () => {
    const { cache, folder } = await fixture()
    expect(cache.read(NAME)).toBeUndefined()
    cache.save(NAME, code)
    expect(cache.read(NAME)).toEqual(code)
    expect(await readdir(folder)).toEqual([`${NAME}.bin`])
  })

  it('puts newer code in place of older', async () => {
    const { cache } = await fixture()
    cache.save(NAME, Buffer.from('older'))
    cache.save(NAME, code)
    expect(cache.read(NAME)).toEqual(code)
  })

  it('has none of a file that was changed since', async () => {
    const { cache, files } = await fixture()
    cache.save(NAME, code)
    await touch(join(files, NAME), 60)
    expect(cache.read(NAME)).toBeUndefined()
  })

  test.prop([fc.nat(), fc.integer({ min: 1, max: 255 })], { numRuns: 30 })(
    'has none that is damaged: V8 would run it, and end the process',
    async (place, bits) => {
      const { cache, kept } = await fixture()
      cache.save(NAME, code)
      const bytes = await readFile(kept)
      const at = place % bytes.length
      bytes[at] = (bytes[at] ?? 0) ^ bits
      await writeFile(kept, bytes)
      expect(cache.read(NAME)).toBeUndefined()
    },
  )

  it('has none that is cut short, at any length', async () => {
    const { cache, kept } = await fixture()
    cache.save(NAME, code)
    for (let length = 2 * code.length - 1; length >= 0; length -= 1) {
      await truncate(kept, length)
      expect(cache.read(NAME)).toBeUndefined()
    }
  })

  it('does without where nothing can be read or written', async () => {
    const { cache, folder, kept } = await fixture()
    await mkdir(kept, { recursive: true })
    cache.save(NAME, code)
    expect(cache.read(NAME)).toBeUndefined()
    expect(await readdir(folder)).toEqual([`${NAME}.bin`])

    const { files } = await fixture()
    const blocked = createCodeCache(files, join(files, NAME, 'below a file'))
    blocked.save(NAME, code)
    expect(blocked.read(NAME)).toBeUndefined()
  })

  it.runIf(process.getuid?.() === 0)("saves nothing beside another user's files", async () => {
    const { cache, files } = await fixture()
    await chown(files, 65_534, 65_534)
    cache.save(NAME, code)
    expect(await readdir(files)).toEqual([NAME])
  })

  it.runIf(process.platform !== 'win32')('lets nobody else write it', async () => {
    const { cache, folder, kept } = await fixture()
    cache.save(NAME, code)
    for (const path of [folder, kept]) expect((await stat(path)).mode & 0o022).toBe(0)
  })
})
