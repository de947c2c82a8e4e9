import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CodeCache } from '../../src/cli/codeCache.js'
import { createPartLoader } from '../../src/cli/partLoader.js'
import { tempDir } from '../support/tempDir.js'

const partsOf = async (parts: Readonly<Record<string, string>>): Promise<string> => {
  const folder = await tempDir()
  for (const [name, text] of Object.entries(parts)) await writeFile(join(folder, name), text)
  return folder
}

const memoryCache = (kept: Map<string, Buffer>): CodeCache => ({
  read: (name) => kept.get(name),
  save: (name, code) => void kept.set(name, Buffer.from(code())),
})

const saveAll = ({ saveNext }: { readonly saveNext: () => boolean }): number =>
  saveNext() ? 1 + saveAll({ saveNext }) : 0

/** Compiled by each test for itself: of a text that V8 has seen in this process it takes no code. */
let seen = 0
const unseen = (text: string): string => `/* ${String((seen += 1)).padStart(8)} */ ${text}`

describe('createPartLoader', () => {
  it('loads parts and what Node has built in, each once', async () => {
    const folder = await partsOf({
      'a.cjs': `exports.b = require('./b.cjs'); exports.again = require('./b.cjs'); exports.crypto = require('node:crypto')`,
      'b.cjs': `module.exports = { at: [__filename, __dirname] }`,
    })
    const { load } = createPartLoader(folder, undefined)
    const at = { at: [join(folder, 'b.cjs'), folder] }
    const a = load('./a.cjs') as Readonly<Record<string, unknown>>
    expect(a).toMatchObject({ b: at, again: at, crypto: { createHash } })
    expect(a['again']).toBe(a['b'])
    expect(load('./a.cjs')).toBe(a)
  })

  it('loads parts that need each other', async () => {
    const folder = await partsOf({
      'a.cjs': `exports.early = 1; exports.b = require('./b.cjs').of`,
      'b.cjs': `exports.of = require('./a.cjs').early`,
    })
    expect(createPartLoader(folder, undefined).load('./a.cjs')).toEqual({ early: 1, b: 1 })
  })

  it('tells of an error where it is, by file, line and column', async () => {
    const folder = await partsOf({ 'a.cjs': `throw new Error('here')` })
    const { load } = createPartLoader(folder, undefined)
    const stackOf = (id: string): string | undefined => {
      try {
        load(id)
        return undefined
      } catch (error) {
        return error instanceof Error ? error.stack : undefined
      }
    }
    expect(stackOf('./a.cjs')).toContain(`${join(folder, 'a.cjs')}:1:7`)
    expect(stackOf('./b.cjs')).toContain('ENOENT')
  })

  it('saves what was compiled, once, and takes it the next time', async () => {
    const text = unseen(`exports.twice = (n) => 2 * n; exports.twice(1)`)
    const folder = await partsOf({ 'a.cjs': text })
    const kept = new Map<string, Buffer>()

    const first = createPartLoader(folder, memoryCache(kept))
    first.load('./a.cjs')
    expect(saveAll(first)).toBe(1)
    expect(first.saveNext()).toBe(false)
    expect([...kept.keys()]).toEqual(['a.cjs'])

    const second = createPartLoader(folder, memoryCache(kept))
    const { twice } = second.load('./a.cjs') as { readonly twice: (n: number) => number }
    expect(twice(21)).toBe(42)
    expect(saveAll(second)).toBe(0)
  })

  it('compiles, and saves again, where V8 refuses what was kept', async () => {
    const folder = await partsOf({ 'a.cjs': unseen(`exports.right = true`) })
    const kept = new Map([['a.cjs', Buffer.from('of another version of V8')]])
    const loader = createPartLoader(folder, memoryCache(kept))
    expect(loader.load('./a.cjs')).toEqual({ right: true })
    expect(saveAll(loader)).toBe(1)
    expect(kept.get('a.cjs')?.length).toBeGreaterThan(100)
  })

  it('needs no cache', async () => {
    const folder = await partsOf({ 'a.cjs': `exports.right = true` })
    const loader = createPartLoader(folder, undefined)
    expect(loader.load('./a.cjs')).toEqual({ right: true })
    expect(loader.saveNext()).toBe(false)
  })
})
