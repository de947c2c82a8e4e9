import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fileLab } from '../../../support/fileLab.js'
import { mixedLayout } from '../../../support/layouts.js'
import { valueOf } from '../../../support/storageRun.js'

const { root, beside, open, listing, content } = fileLab()
/** 450 bytes in `a`, 50 of padding, none in `empty`, a link, 500 in `d/b`, the last. */
const [A, EMPTY, B] = [0, 2, 4]

const put = (path: string, size: number): void => {
  mkdirSync(join(root(), path, '..'), { recursive: true })
  writeFileSync(join(root(), path), new Uint8Array(size).fill(7))
}

describe('files that are too long', () => {
  it('are found by what they should be and are, and stay', async () => {
    put('t/a', 451)
    put('t/empty', 3)
    put('t/d/b', 10_000)
    const { storage } = open(mixedLayout)
    expect(await valueOf(storage.longFiles!())).toEqual([
      { file: A, expected: 450, actual: 451 },
      { file: EMPTY, expected: 0, actual: 3 },
      { file: B, expected: 500, actual: 10_000 },
    ])
    await valueOf(storage.write(0, new Uint8Array(1_000)))
    await valueOf(storage.flush())
    expect(content('t/a')?.subarray(450)).toEqual(Uint8Array.of(7))
    expect(content('t/empty')).toEqual(Uint8Array.of(7, 7, 7))
    expect(content('t/d/b')?.length).toBe(10_000)
  })

  it('are none of those that fit, are short, or not there', async () => {
    put('t/a', 450)
    put('t/d/b', 499)
    const { storage } = open(mixedLayout)
    expect(await valueOf(storage.longFiles!())).toEqual([])
    expect(listing()).toEqual(['t/a', 't/d/b'])
  })

  it('are none of the torrent’s padding, nor what stands in a file’s place', async () => {
    put('t/.pad/50', 1_000)
    mkdirSync(join(root(), 't/empty'))
    writeFileSync(beside('long'), new Uint8Array(5_000))
    symlinkSync(beside('long'), join(root(), 't/a'))
    mkdirSync(beside('d'))
    writeFileSync(join(beside('d'), 'b'), new Uint8Array(5_000))
    symlinkSync(beside('d'), join(root(), 't/d'))
    const { storage } = open(mixedLayout)
    expect(await valueOf(storage.longFiles!())).toEqual([])
  })

  it('are not those whose bytes lie in the part file', async () => {
    const first = open(mixedLayout)
    await valueOf(first.storage.select!([true, true, true, true, false]))
    await valueOf(first.storage.write(900, new Uint8Array(100)))
    await valueOf(first.storage.flush())
    first.close()
    const { storage } = open(mixedLayout)
    expect(await valueOf(storage.longFiles!())).toEqual([])
  })
})
