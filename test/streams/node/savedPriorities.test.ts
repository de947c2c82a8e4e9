import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { filter, firstValueFrom, lastValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { toHex } from '../../../src/codecs/bytes.js'
import { resumeInfohash } from '../../../src/codecs/resume.js'
import { savedPriorities, session } from '../../../src/index.js'
import { makeTorrent, writeFiles } from '../../support/makeTorrent.js'
import { tempDir } from '../../support/tempDir.js'

const made = makeTorrent({ name: 'photos', pieceLength: 16_384, files: [20_000, 5, 20_000] })
const { metainfo } = made
const resume = `${toHex(resumeInfohash(metainfo))}.resume`
const saved = (directory: string): Promise<O.Option<ReadonlyArray<number>>> =>
  firstValueFrom(savedPriorities(directory, metainfo))

const runIn = async (directory: string, priorities: ReadonlyArray<number>): Promise<void> => {
  await writeFiles(made, directory)
  const torrent = session(metainfo, { directory, priorities })
  const over = lastValueFrom(torrent.state$)
  await firstValueFrom(torrent.phase$.pipe(filter((phase) => phase === 'seeding')))
  torrent.send({ _tag: 'Stop' })
  await over
}

describe('savedPriorities', () => {
  it('are those of the last session in the folder', async () => {
    const directory = await tempDir()
    expect(await saved(directory)).toEqual(O.none)
    await runIn(directory, [4, 0, 7])
    expect(await saved(directory)).toEqual(O.some([4, 0, 7]))
    await runIn(directory, [0, 1, 0])
    expect(await saved(directory)).toEqual(O.some([0, 1, 0]))
  })

  it('are none where what lies there cannot be believed', async () => {
    const directory = await tempDir()
    await mkdir(join(directory, '.rxtorrent'))
    await writeFile(join(directory, '.rxtorrent', resume), 'd6:digest')
    expect(await saved(directory)).toEqual(O.none)
  })

  it('are not looked for behind a symlink', async () => {
    const [directory, elsewhere] = [await tempDir(), await tempDir()]
    await runIn(elsewhere, [4, 0, 7])
    await symlink(join(elsewhere, '.rxtorrent'), join(directory, '.rxtorrent'))
    expect(await saved(directory)).toEqual(O.none)
  })

  it('leave everything as it is, also what a crash left', async () => {
    const directory = await tempDir()
    await runIn(directory, [4, 0, 7])
    await writeFile(join(directory, '.rxtorrent', `${resume}.tmp`), 'torn')
    await saved(directory)
    expect((await readdir(join(directory, '.rxtorrent'))).sort()).toEqual([resume, `${resume}.tmp`])
  })
})
