import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { filter, firstValueFrom, lastValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { hasResume, session } from '../../../src/index.js'
import { nodeResumeStore } from '../../../src/streams/index.js'
import { makeTorrent, writeFiles } from '../../support/makeTorrent.js'
import { tempDir } from '../../support/tempDir.js'

const made = makeTorrent({ name: 'photos', pieceLength: 16_384, files: [20_000] })
const { metainfo } = made
const has = (directory: string, of: Parameters<typeof hasResume>[1] = metainfo): Promise<boolean> =>
  firstValueFrom(hasResume(directory, of))

describe('hasResume', () => {
  it('is so once a session has been in the folder', async () => {
    const directory = await tempDir()
    expect(await has(directory)).toBe(false)
    await writeFiles(made, directory)
    const torrent = session(metainfo, { directory })
    const over = lastValueFrom(torrent.state$)
    await firstValueFrom(torrent.phase$.pipe(filter((phase) => phase === 'seeding')))
    torrent.send({ _tag: 'Stop' })
    await over
    expect(await has(directory)).toBe(true)
  })

  it('goes by the v2 infohash where there is no other, as the resume data do', async () => {
    const directory = await tempDir()
    const infohash = { v1: O.none, v2: O.some(new Uint8Array(32).fill(0xab)) }
    expect(await has(directory, { infohash })).toBe(false)
    const saved = await firstValueFrom(nodeResumeStore({ directory }).save('ab'.repeat(32), Uint8Array.of(1)))
    expect(saved).toEqual(E.right(undefined))
    expect(await has(directory, { infohash })).toBe(true)
    expect(await has(directory)).toBe(false)
  })

  it('is not so where there is no folder, or a file in its place', async () => {
    const directory = await tempDir()
    expect(await has(join(directory, 'none'))).toBe(false)
    await writeFile(join(directory, '.rxtorrent'), 'x')
    expect(await has(directory)).toBe(false)
  })

  it.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
    'is taken to be so where nobody may look',
    async () => {
      const directory = await tempDir()
      const folder = join(directory, '.rxtorrent')
      await mkdir(folder)
      await chmod(folder, 0)
      expect(await has(directory)).toBe(true)
      await chmod(folder, 0o700)
    },
  )
})
