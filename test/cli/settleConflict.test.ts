import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { firstValueFrom } from 'rxjs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { exitCode } from '../../src/cli/exitCode.js'
import { settleConflict } from '../../src/cli/settleConflict.js'
import type { Metainfo } from '../../src/index.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rxtorrent-conflict-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

const torrent = {
  name: 'photos',
  infohash: { v1: O.some(new Uint8Array(20).fill(0xab)), v2: O.none },
  files: [
    { path: ['photos', 'a.jpg'], isPad: false },
    { path: ['photos', 'b.jpg'], isPad: false },
  ],
} as unknown as Metainfo

const put = (...path: ReadonlyArray<string>): void => {
  mkdirSync(join(folder, ...path.slice(0, -1)), { recursive: true })
  writeFileSync(join(folder, ...path), 'x')
}
const resume = ['.rxtorrent', `${'ab'.repeat(20)}.resume`] as const

const settle = (how: 'use' | 'fail' | 'rename'): Promise<E.Either<unknown, string>> =>
  firstValueFrom(settleConflict(torrent, folder, how))

describe('settleConflict', () => {
  it.each(['use', 'fail', 'rename'] as const)('%s: a folder without the files is taken', async (how) => {
    put('photos', 'other.jpg')
    expect(await settle(how)).toEqual(E.right(folder))
  })

  it.each(['use', 'fail', 'rename'] as const)('%s: what an earlier run left is gone on with', async (how) => {
    put('photos', 'b.jpg')
    put(...resume)
    expect(await settle(how)).toEqual(E.right(folder))
  })

  it('fails where a file is in the way, and names it', async () => {
    put('photos', 'b.jpg')
    expect(await settle('use')).toEqual(E.right(folder))
    expect(await settle('fail')).toMatchObject(
      E.left({ code: exitCode.disk, text: expect.stringContaining(join('photos', 'b.jpg')) as unknown }),
    )
  })

  it('takes a file in the place of the folder for a conflict', async () => {
    writeFileSync(join(folder, 'photos'), 'x')
    expect(await settle('fail')).toMatchObject(E.left({ code: exitCode.disk }))
    expect(await settle('rename')).toEqual(E.right(join(folder, 'photos (2)')))
  })

  it('finds another name, and the same one again', async () => {
    put('photos', 'a.jpg')
    expect(await settle('rename')).toEqual(E.right(join(folder, 'photos (2)')))
    // Somebody else's.
    put('photos (2)', 'notes.txt')
    expect(await settle('rename')).toEqual(E.right(join(folder, 'photos (3)')))
    put('photos (3)', ...resume)
    expect(await settle('rename')).toEqual(E.right(join(folder, 'photos (3)')))
  })
})
